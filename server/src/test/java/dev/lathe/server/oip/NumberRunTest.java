package dev.lathe.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Tensor;
import dev.lathe.server.infer.SegmentPool;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers read straight from bytes are those that the JDK's exact parsers read. */
class NumberRunTest {
  private static final int MANY = 20_000;

  private final SegmentPool pool = new SegmentPool(1 << 20);

  @Test
  void floats_areRoundedOnce() {
    List<String> texts = decimals(41);
    float[] read = read("FP32", texts, 7).toFloats();
    for (int i = 0; i < read.length; i++) {
      assertThat(read[i]).as(texts.get(i)).isEqualTo(Float.parseFloat(texts.get(i)));
    }
  }

  @Test
  void doubles_areRoundedOnce() {
    List<String> texts = decimals(42);
    Tensor read = read("FP64", texts, 1 << 13);
    for (int i = 0; i < texts.size(); i++) {
      assertThat(read.doubleAt(i)).as(texts.get(i)).isEqualTo(Double.parseDouble(texts.get(i)));
    }
  }

  @Test
  void middlesBetweenFloats_goTheRightWay() {
    Random random = new Random(43);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < MANY / 10; i++) {
      float low = Math.abs(Float.intBitsToFloat(random.nextInt()));
      float high = Math.nextUp(low);
      if (low > 1e-10 && high < 1e10) {
        BigDecimal middle =
            new BigDecimal(low).add(new BigDecimal(high)).divide(BigDecimal.valueOf(2));
        BigDecimal step = middle.ulp();
        texts.add(middle.toPlainString());
        texts.add(middle.add(step).toPlainString());
        texts.add(middle.subtract(step).toPlainString());
      }
    }
    float[] read = read("FP32", texts, 100).toFloats();
    for (int i = 0; i < read.length; i++) {
      assertThat(read[i]).as(texts.get(i)).isEqualTo(Float.parseFloat(texts.get(i)));
    }
  }

  @Test
  void integers_areExactToTheirEnds() {
    List<String> longs = List.of("-9223372036854775808", "9223372036854775807", "0", "-0", "-1");
    assertThat(read("INT64", longs, 3).toLongs())
        .containsExactly(Long.MIN_VALUE, Long.MAX_VALUE, 0, 0, -1);
    String most = BigInteger.TWO.pow(64).subtract(BigInteger.ONE).toString();
    Tensor unsigned = read("UINT64", List.of(most, "9223372036854775808"), 3);
    assertThat(unsigned.longAt(0)).isEqualTo(-1);
    assertThat(unsigned.longAt(1)).isEqualTo(Long.MIN_VALUE);
    assertThat(read("INT8", List.of("-128", "127"), 3).longAt(0)).isEqualTo(-128);
    assertThat(read("UINT16", List.of("65535"), 3).longAt(0)).isEqualTo(65535);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "FP32; 1,,2; ',' at element 1 (expected: a number",
        "FP32; 1,]; ']' at element 1 (expected: a number",
        "FP32; 1 2; 2 at element 1 (expected: \",\" or \"]\"",
        "FP32; 01; 01 at element 0 (expected: a number as JSON has it",
        "FP32; 1.; 1. at element 0 (expected: a digit behind the point",
        "FP32; 1e; 1e at element 0 (expected: a digit in the exponent",
        "FP32; -; - at element 0 (expected: a number as JSON has it",
        "FP32; 1,NaN; NaN at element 1 (expected: a number",
        "FP32; 1e39; 1e39 at element 0 (expected: a number within FP32's range",
        "FP16; 65520; 65520 at element 0 (expected: a number within FP16's range",
        "BF16; 3.4e38; 3.4e38 at element 0 (expected: a number within BF16's range",
        "FP64; -1e400; -1e400 at element 0 (expected: a number within FP64's range",
        "INT8; 1,128; 128 at element 1 (expected: an integer from -128 to 127",
        "UINT8; -1; -1 at element 0 (expected: an integer from 0 to 255",
        "INT64; 9223372036854775808; (expected: an integer from -9223372036854775808",
        "UINT64; 18446744073709551616; (expected: an integer from 0",
        "INT32; 1.0; 1.0 at element 0 (expected: an integer",
        "INT32; 1e2; 1e2 at element 0 (expected: an integer",
        "FP32; [1],2; a value at depth 0",
        "FP32; 1,{}; '{' at element 1 (expected: a number",
      })
  void whatDoesNotFit_isSaidWithItsPlace(String type, String data, String message) {
    String body = body(type, "[1]", data);
    for (int piece : new int[] {1, 5, 4096}) {
      assertThatThrownBy(() -> BodyReader.read(new InPieces(body, piece), BodySize.json(-1), pool))
          .hasMessageContaining(message);
    }
  }

  @Test
  void numberOfManyDigits_isReadAndOneOfTooManyIsRefused() {
    String long_ = "0." + "3".repeat(900);
    assertThat(read("FP32", List.of(long_, "2"), 10).toFloats()).containsExactly(0.33333334f, 2);
    assertThatThrownBy(() -> read("FP32", List.of("0." + "3".repeat(2000)), 10))
        .hasMessageContaining("at most 1000 characters");
    assertThatThrownBy(
            () ->
                BodyReader.read(
                    new InPieces(
                        "{\"inputs\":[{\"name\":\"x\","
                            + "\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1.5",
                        3),
                    BodySize.json(-1),
                    pool))
        .hasMessageContaining("JSON ends too early, in the data of input \"x\"");
  }

  @Test
  void nestedDataAndWhatFollows_areRead() {
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2,2],\"data\": [ [1 , 2],\n"
            + "[3,4]\t] },{\"name\":\"y\",\"datatype\":\"INT32\",\"shape\":[0],\"data\":[]}],"
            + "\"id\":\"seven\"}";
    for (int piece : new int[] {1, 2, 1000}) {
      InferBody read = BodyReader.read(new InPieces(body, piece), BodySize.json(-1), pool);
      assertThat(read.inputs().get("x").toFloats()).containsExactly(1, 2, 3, 4);
      assertThat(read.inputs().get("y").size()).isZero();
      assertThat(read.id()).isEqualTo("seven");
    }
  }

  private Tensor read(String type, List<String> numbers, int piece) {
    String body = body(type, "[" + numbers.size() + "]", String.join(",", numbers));
    return BodyReader.read(new InPieces(body, piece), BodySize.json(-1), pool).inputs().get("x");
  }

  private static String body(String type, String shape, String data) {
    return "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"%s\",\"shape\":%s,\"data\":[%s]}]}"
        .formatted(type, shape, data);
  }

  /** Decimals as programs write them, and as nobody does. */
  private static List<String> decimals(long seed) {
    Random random = new Random(seed);
    List<String> texts = new ArrayList<>(List.of("0", "-0", "0.0", "-0.0", "1e-400", "1E+2"));
    for (int i = 0; i < MANY; i++) {
      double value = random.nextGaussian() * Math.pow(10, random.nextInt(30) - 15);
      switch (random.nextInt(6)) {
        case 0 -> texts.add(String.valueOf((float) value));
        case 1 -> texts.add(String.valueOf(value));
        case 2 -> texts.add(String.valueOf((double) (float) value));
        case 3 -> texts.add(String.format(Locale.ROOT, "%.4f", value));
        case 4 -> texts.add(new BigDecimal(value).toString());
        default ->
            texts.add(
                random.nextInt(1000)
                    + "."
                    + random.nextInt(1000)
                    + "e"
                    + (random.nextInt(60) - 30));
      }
    }
    return texts;
  }

  /** A stream that gives few bytes at a time, as a network does. */
  private static final class InPieces extends InputStream {
    private final ByteArrayInputStream all;
    private final int piece;

    InPieces(String text, int piece) {
      this.all = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
      this.piece = piece;
    }

    @Override
    public int read() {
      return all.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      return all.read(into, offset, Math.min(length, piece));
    }
  }
}
