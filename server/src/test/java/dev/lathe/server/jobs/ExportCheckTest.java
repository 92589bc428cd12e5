package dev.lathe.server.jobs;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A release is compared with the reference where a text has a token, and refused if it differs. */
class ExportCheckTest {
  @TempDir private Path folder;

  /** Attention as PyTorch exports it: what is masked gets the least float, which hides no rest. */
  private static Model masked(float scale) {
    GraphBuilder builder = new GraphBuilder("masked");
    Shape rows = Shape.of(List.of(Dim.of("N"), Dim.of("T")));
    builder.input("attention_mask", ElementType.INT64, rows);
    builder.input("input_ids", ElementType.INT64, rows);
    builder.initializer("table", Tensor.ofFloats(new float[] {scale, -scale}, 2));
    builder.initializer("shown", Tensor.scalar(0f));
    builder.initializer("hidden", Tensor.scalar(-Float.MAX_VALUE));
    String scores = builder.add("Gather", "table", "input_ids");
    String seen = builder.add("Cast", Map.of("to", Attribute.of(9L)), "attention_mask");
    String sum = builder.add("Add", scores, builder.add("Where", seen, "shown", "hidden"));
    builder.append(Node.of("Softmax", List.of(sum), List.of("y")));
    builder.output("y", ElementType.FLOAT, rows);
    return Model.of(builder.build());
  }

  @Test
  void aMask_showsATokenOfEachText() {
    Path file = folder.resolve("model.onnx");
    OnnxFile.write(masked(2), file);
    assertThatCode(() -> ExportCheck.require(masked(2), file)).doesNotThrowAnyException();
    assertThatThrownBy(() -> ExportCheck.require(masked(3), file))
        .hasMessageContaining("exported model, output y");
  }
}
