package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Questions to a small decoder, typed as people do, without a server and to one. */
class AnswerTest {
  @TempDir private Path data;

  private void publish() {
    Model model =
        new Llama(
                1024, 256, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(3);
    Metadata metadata =
        new Metadata(
            "text-generation", List.of(), Signature.of(model), Metadata.NONE.lineage(), Map.of());
    Content tokenizer = Content.of(Shared.path("fixtures/text/shakespeare-llama/tokenizer.json"));
    Content template = Content.of("{% for m in messages %}{{ m.content }}{% endfor %}");
    Release release =
        Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test")
            .with("tokenizer.json", tokenizer)
            .with("chat_template.jinja", template);
    try (Registry registry = Registry.open(data.resolve("registry"))) {
      registry.publish(ModelName.parse("demo/chat"), release);
    }
  }

  @Test
  void writtenAnswer_isTheSameHereAndOnAServer() throws Exception {
    publish();
    String fits = Files.writeString(data.resolve("a.txt"), "ROMEO is here.").toString();
    String large = Files.writeString(data.resolve("b.txt"), "JULIET. ".repeat(900)).toString();
    String[] words = {
      "answer",
      "demo/chat",
      "Who?",
      "--document",
      fits,
      "--document",
      large,
      "--max-tokens",
      "5",
      "--json",
      "",
      ""
    };
    words[10] = "--data";
    words[11] = data.toString();
    Typed here = Typed.local(words);
    assertThat(here.err()).isEmpty();
    assertThat(here.json().path("answer").asString()).isNotEmpty();
    assertThat(here.json().path("finish_reason").asString()).isEqualTo("length");
    assertThat(here.json().at("/dropped/0").asString()).isEqualTo(large);
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0))) {
      words[10] = "--server";
      words[11] = server.address().toString();
      Typed there = Typed.local(words);
      assertThat(there.json()).isEqualTo(here.json());
      Typed refused =
          Typed.local(
              "answer", "demo/chat", "Who?", "--text", "a", "--top", "2", words[10], words[11]);
      assertThat(refused.exit()).isNotZero();
      assertThat(refused.err()).contains("top: demo/chat@v1 writes its answers");
    }
  }
}
