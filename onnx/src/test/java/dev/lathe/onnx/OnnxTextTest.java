package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxTextTest {
  @Test
  void smallModel_isPrintedWhole() {
    assertThat(OnnxText.print(Samples.small()))
        .isEqualTo(
            """
            <
              ir_version: 10,
              opset_import: ["" : 21],
              producer_name: "lathe"
            >
            small (float[N,3] x) => (float[N,2] y)
            <
              float[3,2] W = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0},
              float[2] b = {0.5, -0.5}
            >
            {
              [dense] h = Gemm (x, W, b)
              [relu] y = Relu (h)
            }
            """);
  }

  @Test
  void largeTensors_areCutOff() {
    Model model = Samples.small();
    String text =
        OnnxText.print(
            model.withGraph(
                model
                    .graph()
                    .withInitializers(Map.of("W", Tensor.zeros(ElementType.INT64, 1000, 1000)))));
    assertThat(text)
        .contains("int64[1000,1000] W = {0, 0, 0, 0, 0, 0, 0, 0, ...}")
        .hasSizeLessThan(500);
  }

  @Test
  void bodies_areIndentedUnderTheirNode() {
    Graph body = Samples.graph(Node.of("Relu", List.of("x"), List.of("y")));
    Node node =
        Node.of("If", List.of("c"), List.of("r")).with("then_branch", new Attribute.OfGraph(body));
    assertThat(OnnxText.print(Model.of(Samples.graph(node))))
        .contains(
            """
              r = If (c) <
                then_branch: graph = g (float[N,3] x) => (float[] y) {
                  y = Relu (x)
                }
              >
            """);
  }

  @Test
  void everything_isPrinted() {
    assertThat(OnnxText.print(Samples.everything()))
        .contains("\"all.BFLOAT16\"")
        .contains("ints: ints = [-1, 0, 9223372036854775807]")
        .contains("factor: int = @by")
        .contains("seq(optional(float[N,?,0,7]))")
        .contains("map(int64, seq(")
        .contains("sparse = sparse_tensor [2, 3] {1.0, 2.0} at {1, 5}")
        .contains("\"every attribute\"")
        .contains("Twice <by, axis: int = 1> (p) => (q) {")
        .contains("b = local.Twice:f32 (a)");
  }

  @Test
  void controlCharactersAndQuotes_areEscaped() {
    Node node =
        Node.of("Op", List.of("a\"b"), List.of("y")).with("s", Attribute.of("line\n\u001b[31m"));
    assertThat(OnnxText.print(Model.of(Samples.graph(node))))
        .contains("\"a\\\"b\"")
        .contains("\"line\\n\\u001b[31m\"")
        .doesNotContain("\u001b");
  }
}
