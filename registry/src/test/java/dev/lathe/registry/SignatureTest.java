package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.ir.ValueType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignatureTest {
  private static Model model(List<ValueInfo> inputs, ValueInfo output) {
    Map<String, Tensor> initializers = Map.of("w", Tensor.ofFloats(new float[] {1}, 1));
    return Model.of(
        new Graph(
            "g",
            List.of(),
            inputs,
            List.of(output),
            initializers,
            Map.of(),
            List.of(),
            Notes.NONE));
  }

  @Test
  void signature_namesInputsThatACallerGives_inProtocolWords() {
    Model model =
        model(
            List.of(
                ValueInfo.tensor("x", ElementType.FLOAT, Shape.batchOf(1, 8, 8)),
                ValueInfo.tensor("w", ElementType.FLOAT, Shape.of(1)),
                ValueInfo.tensor("text", ElementType.STRING, Shape.of(-1))),
            ValueInfo.tensor("label", ElementType.INT64, Shape.batchOf()));
    assertThat(Signature.of(model))
        .isEqualTo(
            new Signature(
                List.of(
                    new TensorSpec("x", "FP32", List.of(-1L, 1L, 8L, 8L)),
                    new TensorSpec("text", "BYTES", List.of(-1L))),
                List.of(new TensorSpec("label", "INT64", List.of(-1L)))));
  }

  @Test
  void valueThatIsNoTensor_isRefused() {
    ValueType sequence =
        new ValueType.SequenceType(ValueType.tensor(ElementType.FLOAT, Shape.SCALAR));
    assertThatThrownBy(() -> Signature.of(model(List.of(), ValueInfo.of("s", sequence))))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"s\"");
  }
}
