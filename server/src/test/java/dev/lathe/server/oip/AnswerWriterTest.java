package dev.lathe.server.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ByteStrings;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.RequestOptions;
import dev.lathe.server.ServerError;
import dev.lathe.server.infer.Answer;
import dev.lathe.server.infer.SegmentPool;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AnswerWriterTest {
  private static final byte[] NO_TEXT = {(byte) 0xFF, (byte) 0xD8};

  @Test
  void bytesThatAreNoText_areRefusedAsJson_andNotChanged() {
    assertThatThrownBy(() -> written(false, Bytes.utf8("ä"), Bytes.of(NO_TEXT)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("output \"y\": element 1 is not UTF-8")
        .hasMessageContaining("binary_data")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.BAD_REQUEST);
  }

  @Test
  void bytesThatAreText_areAString_andOthersGoInBinary() {
    assertThat(written(false, Bytes.utf8("ä"))).contains("\"data\":[\"ä\"]");
    assertThat(written(true, Bytes.of(NO_TEXT))).contains("\"binary_data_size\":6");
  }

  private static String written(boolean binary, Bytes... elements) {
    ModelVersion version = new ModelVersion(new ModelName("demo", "bytes"), "v1");
    Answer answer =
        new Answer(
            version,
            Map.of("y", ByteStrings.tensor(List.of(elements), elements.length)),
            new InferResponse.Timing(0, 0, 0, 0, 1, 1, 0));
    InferBody request =
        new InferBody(
            "",
            Map.of(),
            new RequestMemory(new SegmentPool(1 << 10)),
            new InferBody.Outputs(List.of(), Map.of(), binary),
            RequestOptions.usual());
    JsonOut out = new JsonOut();
    AnswerWriter.write(out, request, answer);
    return new String(out.finish(), StandardCharsets.UTF_8);
  }
}
