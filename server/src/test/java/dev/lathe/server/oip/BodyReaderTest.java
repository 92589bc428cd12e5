package dev.lathe.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.infer.Question;
import dev.lathe.server.infer.SegmentPool;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BodyReaderTest {
  private static final String[] PIECES = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "null",
    "true",
    "1e999",
    "-",
    "0",
    "\"x\"",
    "\"data\"",
    "\"shape\"",
    "\"datatype\"",
    "\"INT8\"",
    "[[]]",
    "{\"a\":1}",
    "\\u0000",
    "\u00ff",
    "1.5",
    "9223372036854775808",
    "\"timeout\""
  };
  private static final String VALID =
      "{\"id\":\"a\",\"parameters\":{\"timeout\":5},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],"
          + "\"datatype\":\"FP32\",\"data\":[[1.5,-2],[3e2,0.25]]},{\"data\":[true,false],"
          + "\"name\":\"b\",\"datatype\":\"BOOL\",\"shape\":[2],\"parameters\":{\"k\":[{}]}},"
          + "{\"name\":\"s\",\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"\\u00e4\\n\"]}],"
          + "\"outputs\":[{\"name\":\"y\"}]}";

  private final SegmentPool pool = new SegmentPool(1 << 20);

  @Test
  void validBody_isReadAsItSays() {
    InferBody body = read(VALID);
    assertThat(body.id()).isEqualTo("a");
    assertThat(body.options().timeout()).isEqualTo(Duration.ofNanos(5000));
    assertThat(body.wanted().list()).containsExactly(new Question.Wanted("y", 0));
    assertThat(body.inputs().keySet()).containsExactly("x", "b", "s");
    assertThat(body.inputs().get("x").toFloats()).containsExactly(1.5f, -2, 300, 0.25f);
    assertThat(body.inputs().get("b").longAt(0)).isEqualTo(1);
    assertThat(body.inputs().get("s").strings()).containsExactly("ä\n");
  }

  @Test
  void moreByteStringsThanAreTaken_areRefused_inAllForms() {
    int count = (1 << 20) + 1;
    String head = "{\"inputs\":[{\"name\":\"s\",\"shape\":[" + count + "],\"datatype\":\"BYTES\",";
    String many = "\"\",".repeat(count - 1) + "\"\"";
    assertThatThrownBy(() -> read(head + "\"data\":[" + many + "]}]}"))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("input \"s\": more than 1048576 elements");
    byte[] json =
        (head + "\"parameters\":{\"binary_data_size\":" + 4 * count + "}}]}")
            .getBytes(StandardCharsets.UTF_8);
    byte[] body = Arrays.copyOf(json, json.length + 4 * count);
    assertThatThrownBy(
            () ->
                BodyReader.read(
                    new ByteArrayInputStream(body), new BodySize(body.length, json.length), pool))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("input \"s\": more than 1048576 elements");
  }

  @Test
  void memory_isUsedAgain() {
    InferBody body = read(VALID);
    long address = body.inputs().get("x").data().address();
    body.release();
    assertThat(read(VALID).inputs().values().stream().map(Tensor::data))
        .anyMatch(data -> data.address() == address);
  }

  @Test
  void dataLongerThanExpected_growTheBuffer() {
    String numbers = "1,".repeat(100_000) + "7";
    InferBody body =
        BodyReader.read(
            stream(
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"data\":["
                    + numbers
                    + "],\"shape\":[100001]}]}"),
            BodySize.json(-1),
            pool);
    long[] values = body.inputs().get("x").toLongs();
    assertThat(values).hasSize(100_001).endsWith(1, 7).startsWith(1, 1);
    assertThat(Arrays.stream(values).sum()).isEqualTo(100_007);
  }

  @Test
  void hugeShape_allocatesNothing() {
    assertThatThrownBy(
            () ->
                read(
                    "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP64\",\"shape\":[1000000000,9],"
                        + "\"data\":[1]}]}"))
        .hasMessageContaining("1 elements (expected: 9000000000");
  }

  @Test
  void anyMutation_isReadOrRefusedButNeverADefect() {
    long seed = 20;
    Random random = new Random(seed);
    int refused = 0;
    for (int i = 0; i < 8_000; i++) {
      byte[] mutated = mutate(VALID, random);
      try {
        BodyReader.read(new ByteArrayInputStream(mutated), BodySize.json(mutated.length), pool)
            .release();
      } catch (LatheException e) {
        refused++;
        assertThat(e.kind())
            .as("seed %d: %s", seed, new String(mutated, StandardCharsets.UTF_8))
            .isIn(ErrorKind.INVALID, ErrorKind.UNSUPPORTED);
        assertThat(e.getMessage()).isNotBlank();
      }
    }
    assertThat(refused).isGreaterThan(4_000);
  }

  private static byte[] mutate(String valid, Random random) {
    StringBuilder text = new StringBuilder(valid);
    int changes = 1 + random.nextInt(3);
    for (int i = 0; i < changes && !text.isEmpty(); i++) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(6));
      switch (random.nextInt(4)) {
        case 0 -> text.setLength(Math.max(1, at));
        case 1 -> text.delete(at, end);
        case 2 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
        default -> text.replace(at, end, PIECES[random.nextInt(PIECES.length)]);
      }
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(4) == 0) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }

  private InferBody read(String body) {
    return BodyReader.read(stream(body), BodySize.json(body.length()), pool);
  }

  private static ByteArrayInputStream stream(String body) {
    return new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8));
  }
}
