package dev.lathe.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.ChannelBlocks;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Convolutions over blocks give what the plain ones give, and others stay as they are. */
class BlockChannelsTest {
  private final int block = ChannelBlocks.size();

  @BeforeEach
  void requireBlocks() {
    assumeTrue(block > 1, "ONNX Runtime has no blocked convolutions for this processor");
  }

  @Test
  void anyWindow_givesTheSame() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 40; i++) {
      int height = random.nextInt(1, 4);
      int width = height == 1 ? random.nextInt(2, 5) : random.nextInt(1, 5);
      Map<String, Attribute> window = new LinkedHashMap<>();
      window.put("strides", Attribute.ofInts(random.nextInt(1, 4), random.nextInt(1, 4)));
      window.put("dilations", Attribute.ofInts(random.nextInt(1, 3), random.nextInt(1, 3)));
      long[] pads = random.longs(4, 0, 3).toArray();
      window.put("pads", Attribute.ofInts(pads));
      long[] x = {random.nextInt(1, 4), block * random.nextLong(1, 4), 9, 11};
      long[] w = {block * random.nextLong(1, 4), x[1], height, width};
      Model plain = model(ElementType.FLOAT, window, x[1], w, random.nextBoolean());
      Model blocked = BlockChannels.apply(plain, block);
      assertThat(ops(blocked)).contains("com.microsoft.nchwc.Conv").doesNotContain("Conv");
      Map<String, Tensor> inputs = inputs(plain, x[0], random);
      assertClose(window + " on " + List.of(x[0], x[1]), run(blocked, inputs), run(plain, inputs));
    }
  }

  @Test
  void valueThatTwoConvolutionsRead_isPutInBlocksOnce() {
    GraphBuilder builder = new GraphBuilder("two");
    builder.input("x", ElementType.FLOAT, Shape.of(2, block, 5, 5));
    builder.input("w", ElementType.FLOAT, Shape.of(block, block, 3, 3));
    builder.append(Node.of("Conv", List.of("x", "w"), List.of("y")));
    builder.append(Node.of("Conv", List.of("x", "w"), List.of("z")));
    builder.output("y", ElementType.FLOAT, Shape.of(2, block, 3, 3));
    builder.output("z", ElementType.FLOAT, Shape.of(2, block, 3, 3));
    Model plain = Model.of(builder.build());
    Model blocked = BlockChannels.apply(plain, block);
    assertThat(ops(blocked)).filteredOn("com.microsoft.nchwc.ReorderInput"::equals).hasSize(1);
    Map<String, Tensor> inputs = inputs(plain, 2, new SplittableRandom(1));
    assertClose("two", run(blocked, inputs), run(plain, inputs));
  }

  @Test
  void whatHasNoBlocks_staysAsItIs() {
    Map<String, Attribute> none = Map.of();
    long[] square = {block, block, 3, 3};
    assertSame(model(ElementType.DOUBLE, none, block, square, false));
    assertSame(model(ElementType.FLOAT, none, 3, new long[] {block, 3, 3, 3}, false));
    assertSame(model(ElementType.FLOAT, none, block, new long[] {block + 1, block, 3, 3}, false));
    assertSame(model(ElementType.FLOAT, none, block, new long[] {block, block, 1, 1}, false));
    assertSame(
        model(
            ElementType.FLOAT,
            Map.of("auto_pad", Attribute.of("SAME_UPPER")),
            block,
            square,
            false));
    assertSame(
        model(
            ElementType.FLOAT,
            Map.of("group", Attribute.of(2)),
            2L * block,
            new long[] {2L * block, block, 3, 3},
            false));
    Model plain = model(ElementType.FLOAT, none, block, square, false);
    assertThat(BlockChannels.apply(plain, 1)).isSameAs(plain);
    GraphBuilder constant = new GraphBuilder("constant");
    constant.input("x", ElementType.FLOAT, Shape.of(1, block, 5, 5));
    String w = constant.initializer("w", Tensor.zeros(ElementType.FLOAT, square));
    constant.append(Node.of("Conv", List.of("x", w), List.of("y")));
    constant.output("y", ElementType.FLOAT, Shape.of(1, block, 3, 3));
    assertSame(Model.of(constant.build()));
  }

  private void assertSame(Model model) {
    assertThat(BlockChannels.apply(model, block)).isSameAs(model);
  }

  private static Model model(
      ElementType type, Map<String, Attribute> window, long channels, long[] w, boolean bias) {
    GraphBuilder builder = new GraphBuilder("conv");
    builder.input("x", type, Shape.batchOf(channels, 9, 11));
    builder.input("w", type, Shape.of(w));
    if (bias) {
      builder.input("b", type, Shape.of(w[0]));
    }
    List<String> inputs = bias ? List.of("x", "w", "b") : List.of("x", "w");
    builder.append(Node.of("Conv", inputs, List.of("y")).withAttributes(window));
    builder.output("y", type, Shape.of(-1, -1, -1, -1));
    return Model.of(builder.build());
  }

  private static Map<String, Tensor> inputs(Model model, long batch, SplittableRandom random) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    model
        .graph()
        .inputs()
        .forEach(
            input -> {
              long[] sizes = input.tensorType().shape().sizes();
              sizes[0] = sizes[0] < 0 ? batch : sizes[0];
              float[] values = new float[Math.toIntExact(Tensor.sizeOf(sizes))];
              for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
              }
              inputs.put(input.name(), Tensor.ofFloats(values, sizes));
            });
    return inputs;
  }

  private static List<String> ops(Model model) {
    return model.graph().nodes().stream().map(Node::qualifiedOp).toList();
  }

  private static Map<String, Tensor> run(Model model, Map<String, Tensor> inputs) {
    try (Session session = Session.open(model, SessionOptions.training(1))) {
      return session.run(inputs);
    }
  }

  private static void assertClose(
      String label, Map<String, Tensor> found, Map<String, Tensor> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach(
        (name, tensor) -> {
          assertThat(found.get(name).dims()).as(label).isEqualTo(tensor.dims());
          float[] values = found.get(name).toFloats();
          float[] wanted = tensor.toFloats();
          for (int i = 0; i < wanted.length; i++) {
            assertThat(values[i]).as(label + " at " + i).isCloseTo(wanted[i], within());
          }
        });
  }

  private static Offset<Float> within() {
    return Offset.offset(1e-4f);
  }
}
