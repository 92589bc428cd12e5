package dev.lathe.transform.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.Simplify;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RewriterTest {
  private final GraphBuilder builder = new GraphBuilder("g");
  private final String x = builder.input("x", ElementType.FLOAT, Shape.batchOf(2, 3));

  private List<String> simplified(String value) {
    return Simplify.apply(model(value)).graph().nodes().stream().map(Node::op).toList();
  }

  private Model model(String value) {
    builder.append(Node.of("Relu", List.of(value), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.UNRANKED);
    return Model.of(builder.build());
  }

  private String transpose(String value, long... perm) {
    return builder.add("Transpose", Map.of("perm", Attribute.ofInts(perm)), value);
  }

  private String reshape(String value, long... sizes) {
    String shape = builder.initializer("shape", Tensor.ofLongs(sizes, sizes.length));
    return builder.add("Reshape", value, shape);
  }

  @Test
  void identityAndIdleDropout_goAway() {
    assertThat(simplified(builder.add("Dropout", builder.add("Identity", x))))
        .containsExactly("Relu");
  }

  @Test
  void identityThatIsAnOutput_staysUnderItsName() {
    builder.append(Node.of("Identity", List.of(x), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.UNRANKED);
    Model model = Model.of(builder.build());
    assertThat(Simplify.apply(model)).isSameAs(model);
  }

  @Test
  void dropoutInTraining_stays() {
    String ratio = builder.initializer("ratio", Tensor.scalar(0.5f));
    String mode = builder.initializer("mode", Tensor.ofValues(ElementType.BOOL, new double[] {1}));
    assertThat(simplified(builder.add("Dropout", x, ratio, mode)))
        .containsExactly("Dropout", "Relu");
  }

  @Test
  void dropoutWhoseMaskIsRead_stays() {
    builder.append(Node.of("Dropout", List.of(x), List.of("d", "mask")));
    builder.output("mask", ElementType.BOOL, Shape.UNRANKED);
    assertThat(simplified("d")).containsExactly("Dropout", "Relu");
  }

  @Test
  void transposesThatCancel_goAway() {
    assertThat(simplified(transpose(transpose(x, 2, 0, 1), 1, 2, 0))).containsExactly("Relu");
  }

  @Test
  void transposesThatDoNotCancel_becomeOne() {
    assertThat(simplified(transpose(transpose(x, 2, 0, 1), 2, 0, 1)))
        .containsExactly("Transpose", "Relu");
  }

  @Test
  void reshapeAfterReshape_readsTheSource() {
    Model model = Simplify.apply(model(reshape(reshape(x, -1, 6), -1, 3, 2)));
    assertThat(model.graph().nodes()).extracting(Node::op).containsExactly("Reshape", "Relu");
    assertThat(model.graph().nodes().getFirst().input(0)).isEqualTo("x");
  }

  @Test
  void reshapeThatCopiesASize_keepsItsSource() {
    assertThat(simplified(reshape(reshape(x, -1, 6), 0, 3, 2)))
        .containsExactly("Reshape", "Reshape", "Relu");
  }

  @Test
  void reshapeToTheSameShape_goesAwayAlsoWithABatch() {
    assertThat(simplified(reshape(x, -1, 2, 3))).containsExactly("Relu");
  }

  @Test
  void nothingToDo_isTheSameObject() {
    Model model = model(transpose(x, 1, 0, 2));
    assertThat(Simplify.apply(model)).isSameAs(model);
  }
}
