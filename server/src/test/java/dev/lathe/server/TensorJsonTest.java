package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorJsonTest {
  @Test
  void everyType_survivesExactly() {
    List<Tensor> tensors =
        List.of(
            Tensor.ofFloats(
                new float[] {0.1f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, 16777217f, 3.3f}, 2, 3),
            Tensor.ofDoubles(new double[] {0.1, Double.MIN_VALUE, 1e300}, 3),
            Tensor.ofLongs(new long[] {Long.MIN_VALUE, Long.MAX_VALUE, (1L << 53) + 1}, 3),
            Tensor.of(
                ElementType.UINT64, new long[] {2}, Tensor.ofLongs(new long[] {-1, 5}, 2).data()),
            Tensor.ofInts(new int[] {Integer.MIN_VALUE, 7}, 1, 2),
            Tensor.ofValues(ElementType.FLOAT16, new double[] {0.333, 2}, 2),
            Tensor.ofValues(ElementType.BFLOAT16, new double[] {0.333, 2}, 2),
            Tensor.ofValues(ElementType.BOOL, new double[] {1, 0}, 2),
            Tensor.ofValues(ElementType.UINT8, new double[] {255, 0}, 2),
            Tensor.ofValues(ElementType.INT8, new double[] {-128, 127}, 2),
            Tensor.ofStrings(List.of("a", "NaN", "\u00e9\"\n"), 3),
            Tensor.scalar(2.5f),
            Tensor.ofFloats(new float[0], 0, 4));
    for (Tensor tensor : tensors) {
      Tensor back = ApiJson.readRequest(ApiJson.bytes(tensor), Tensor.class);
      assertThat(back.sameContent(tensor)).as(ApiJson.print(tensor)).isTrue();
    }
  }

  @Test
  void keysInAnyOrder_andNestedData_areRead() {
    Tensor tensor = read("{\"data\":[[1,2.5],[3,4]],\"shape\":[2,2],\"datatype\":\"FP32\"}");
    assertThat(tensor.sameContent(Tensor.ofFloats(new float[] {1, 2.5f, 3, 4}, 2, 2))).isTrue();
  }

  @Test
  void mistakes_areNamed() {
    assertBad("{\"datatype\":\"FP32\",\"shape\":[2],\"data\":[1]}", "1 elements for shape [2]");
    assertBad("{\"datatype\":\"FLOAT\",\"shape\":[1],\"data\":[1]}", "datatype \"FLOAT\"");
    assertBad("{\"datatype\":\"INT64\",\"shape\":[1],\"data\":[1.5]}", "expected: an integer");
    assertBad("{\"datatype\":\"FP32\",\"shape\":[1],\"data\":[\"x\"]}", "expected: numbers");
    assertBad("{\"datatype\":\"FP32\",\"shape\":[-1],\"data\":[1]}", "negative");
    assertBad("{\"datatype\":\"FP32\",\"shape\":[1],\"data\":[{}]}", "expected: numbers");
    assertBad("{\"datatype\":\"FP32\",\"shape\":[1],\"values\":[1]}", "\"values\"");
    assertBad(
        "{\"datatype\":\"UINT8\",\"shape\":[4611686018427387904,4],\"data\":[]}", "overflows");
    assertBad("[1]", "expected: an object");
  }

  private static void assertBad(String json, String message) {
    assertThatThrownBy(() -> read(json))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  private static Tensor read(String json) {
    return ApiJson.readRequest(json.getBytes(StandardCharsets.UTF_8), Tensor.class);
  }
}
