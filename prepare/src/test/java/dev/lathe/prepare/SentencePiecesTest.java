package dev.lathe.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.testkit.Python;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SentencePiecesTest {
  @TempDir private Path folder;

  @Test
  void textsAreReadAsTransformersReadsThem() throws IOException {
    String python = Python.with("sentencepiece", "transformers");
    try (InputStream script = SentencePiecesTest.class.getResourceAsStream("marian_peer.py")) {
      Python.run(python, new String(script.readAllBytes(), StandardCharsets.UTF_8), folder);
    }
    byte[] source = Files.readAllBytes(folder.resolve("source.spm"));
    String numbers = Files.readString(folder.resolve("vocab.json"));
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, SentencePieces.tokenizerJson(source, numbers));
    JsonNode cases = JsonMapper.shared().readTree(folder.resolve("cases.json").toFile());
    assertThat(cases).hasSizeGreaterThan(20);
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      for (JsonNode each : cases) {
        int[] ids = tokenizer.encode(each.path("text").asString(), Specials.WITH).ids();
        int[] expected = each.path("ids").valueStream().mapToInt(JsonNode::asInt).toArray();
        assertThat(ids).as(each.toString()).isEqualTo(expected);
        String text = each.path("decoded").asString();
        if (!text.isEmpty()) {
          assertThat(tokenizer.decode(ids, Specials.WITHOUT)).isEqualTo(text);
        }
      }
    }
  }

  /** One piece: field 1, of a text, a score and a kind. */
  private static byte[] model(int kind) {
    byte[] piece = {
      0x0a,
      14,
      0x0a,
      4,
      (byte) 0xe2,
      (byte) 0x96,
      (byte) 0x81,
      'a',
      0x15,
      0,
      0,
      (byte) 0x80,
      (byte) 0xbf,
      0x18,
      1,
      0
    };
    byte[] trainer = {0x12, 2, 0x18, (byte) kind};
    byte[] all = Arrays.copyOf(piece, piece.length - 1 + trainer.length);
    all[1] = 13;
    System.arraycopy(trainer, 0, all, piece.length - 1, trainer.length);
    return all;
  }

  @Test
  void whatIsNoSuchFile_isRefused() {
    String numbers = "{\"</s>\": 0, \"<unk>\": 1, \"\u2581a\": 2}";
    assertThat(SentencePieces.tokenizerJson(model(1), numbers))
        .contains("[\"\u2581a\",-1.0]", "\"unk_id\":1");
    refused(model(2), numbers, "model_type 2 (expected: 1, unigram)");
    refused(Arrays.copyOf(model(1), 9), numbers, "broken off");
    refused(new byte[0], numbers, "no pieces");
    refused(new byte[] {(byte) 0xff, (byte) 0xff}, numbers, "broken off");
    refused(model(1), "[]", "vocab.json: 0 tokens");
    refused(model(1), "{", "vocab.json: no JSON");
    refused(model(1), "{\"a\": 0, \"b\": 0}", "\"b\": 0 (expected: each from 0 once)");
    refused(model(1), "{\"a\": 0}", "no <unk> or no </s>");
  }

  private static void refused(byte[] model, String numbers, String message) {
    assertThatThrownBy(() -> SentencePieces.tokenizerJson(model, numbers))
        .hasMessageContaining(message);
  }
}
