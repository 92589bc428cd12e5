package dev.lathe.server.speak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.GenerateEvent;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verb speak on this machine. */
class SpeakerTest {
  @TempDir private Path folder;

  private void publish(Map<String, Content> beside) {
    Model model =
        new Llama(1024, 64, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(3);
    Metadata metadata =
        new Metadata(
            "text-generation", List.of(), Signature.of(model), Metadata.NONE.lineage(), Map.of());
    Release release = Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For a test");
    for (Map.Entry<String, Content> file : beside.entrySet()) {
      release = release.with(file.getKey(), file.getValue());
    }
    try (Registry registry = Registry.open(folder.resolve("registry"))) {
      registry.publish(ModelName.parse("demo/poet"), release);
    }
  }

  private static Content tokenizer() {
    return Content.of(Shared.path("fixtures/text/shakespeare-llama/tokenizer.json"));
  }

  private static TextQuestion question(List<TextQuestion.Turn> turns, String prompt) {
    return new TextQuestion(
        turns, prompt, 8, Optional.of(0.0), Optional.empty(), Optional.empty(), List.of());
  }

  @Test
  void prompt_isContinuedAndHeardWhileItIs() {
    publish(Map.of("tokenizer.json", tokenizer()));
    StringBuilder heard = new StringBuilder();
    try (Lathe lathe = Lathe.open(folder)) {
      TextReply reply = lathe.speak("demo/poet", "", question(List.of(), "ROMEO:"), heard::append);
      assertThat(reply.text()).isEqualTo(heard.toString()).isNotEmpty();
      assertThat(reply.version()).isEqualTo("v1");
      assertThat(reply.finish()).isEqualTo("length");
      assertThat(reply.answerTokens()).isEqualTo(8);
      assertThat(lathe.speak("demo/poet", "v1", question(List.of(), "ROMEO:"), text -> {}).text())
          .isEqualTo(reply.text());
    }
  }

  @Test
  void conversation_isWrittenOutByTheTemplate() {
    Content template = Content.of("{% for m in messages %}{{ m.content }}{% endfor %}");
    publish(Map.of("tokenizer.json", tokenizer(), "chat_template.jinja", template));
    List<TextQuestion.Turn> turns =
        List.of(new TextQuestion.Turn("system", "ROM"), new TextQuestion.Turn("user", "EO:"));
    try (Lathe lathe = Lathe.open(folder)) {
      assertThat(lathe.speak("demo/poet", "", question(turns, ""), text -> {}).text())
          .isEqualTo(
              lathe.speak("demo/poet", "", question(List.of(), "ROMEO:"), text -> {}).text());
    }
  }

  @Test
  void server_answersAsThisMachineDoes() {
    Content template = Content.of("{% for m in messages %}{{ m.content }}{% endfor %}");
    publish(Map.of("tokenizer.json", tokenizer(), "chat_template.jinja", template));
    TextQuestion turns = question(List.of(new TextQuestion.Turn("user", "ROMEO:")), "");
    TextQuestion prompt = question(List.of(), "ROMEO:");
    TextReply here;
    try (Lathe lathe = Lathe.open(folder)) {
      here = lathe.speak("demo/poet", "v1", turns, text -> {});
    }
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      for (TextQuestion question : List.of(turns, prompt)) {
        StringBuilder heard = new StringBuilder();
        TextReply there = lathe.speak("demo/poet", "v1", question, heard::append);
        assertThat(there).isEqualTo(here);
        assertThat(heard).hasToString(here.text());
      }
      assertThatThrownBy(() -> lathe.speak("demo/none", "v1", prompt, text -> {}))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
          .hasMessageContaining("demo/none");
    }
  }

  @Test
  void thoughts_areNoPartOfTheAnswer_hereAsOnAServer() {
    Content template =
        Content.of("{# </think> #}{% for m in messages %}{{ m.content }}{% endfor %}<think>");
    publish(Map.of("tokenizer.json", tokenizer(), "chat_template.jinja", template));
    TextQuestion turns = question(List.of(new TextQuestion.Turn("user", "ROMEO:")), "");
    StringBuilder heard = new StringBuilder();
    TextReply here;
    try (Lathe lathe = Lathe.open(folder)) {
      here = lathe.speak("demo/poet", "v1", turns, heard::append);
      TextReply goesOn =
          lathe.speak("demo/poet", "v1", question(List.of(), "ROMEO:<think>"), text -> {});
      assertThat(goesOn.text()).isNotEmpty();
    }
    assertThat(here.text()).isEmpty();
    assertThat(heard).isEmpty();
    assertThat(here.answerTokens()).isEqualTo(8);
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      assertThat(lathe.speak("demo/poet", "v1", turns, text -> {})).isEqualTo(here);
    }
  }

  @Test
  void answerBehindThoughts_isHeard() throws Exception {
    Path file = Shared.path("fixtures/text/shakespeare-llama/tokenizer.json");
    StringBuilder heard = new StringBuilder();
    try (Tokenizer tokenizer = Tokenizer.open(file)) {
      AnswerForm form = AnswerForm.of("<think></think>", "<think>", Set.of());
      Heard answer = Heard.of(tokenizer.vocabulary(), Optional.of(form), heard::append);
      for (String piece : List.of("it may", " be</thi", "nk>", "Blue", ".")) {
        answer.hear(new GenerateEvent.Token(0, 100, piece, Optional.empty()));
      }
      answer.end(" Yes");
      assertThat(answer.text()).isEqualTo(heard.toString()).isEqualTo("Blue. Yes");
    }
  }

  @Test
  void conversationWithoutTemplate_isRefused() {
    publish(Map.of("tokenizer.json", tokenizer()));
    List<TextQuestion.Turn> turns = List.of(new TextQuestion.Turn("user", "O"));
    try (Lathe lathe = Lathe.open(folder)) {
      assertThatThrownBy(() -> lathe.speak("demo/poet", "", question(turns, ""), text -> {}))
          .hasMessage("demo/poet@v1: no chat template (expected: one, or a prompt to go on with)");
    }
  }

  @Test
  void modelWithoutTokenizer_isRefused() {
    publish(Map.of());
    try (Lathe lathe = Lathe.open(folder)) {
      assertThatThrownBy(() -> lathe.speak("demo/poet", "", question(List.of(), "O"), text -> {}))
          .hasMessage("demo/poet@v1: no tokenizer.json (expected: one, to read a text)");
    }
  }
}
