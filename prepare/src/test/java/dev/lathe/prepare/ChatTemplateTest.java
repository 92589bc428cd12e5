package dev.lathe.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatTemplateTest {
  private static final JsonNode HELLO =
      JsonMapper.shared().readTree("[{\"role\": \"user\", \"content\": \"Hi\"}]");
  private static final JsonNode NONE = JsonMapper.shared().readTree("null");

  @Test
  void templates_renderAsTransformersRendersThem() throws IOException {
    List<String> cases = Files.readAllLines(Shared.path("fixtures/templates/cases.jsonl"));
    assertThat(cases).hasSizeGreaterThan(50);
    for (String line : cases) {
      JsonNode one = JsonMapper.shared().readTree(line);
      Map<String, String> specials = new HashMap<>();
      for (String name : List.of("bos_token", "eos_token")) {
        specials.put(name, one.get(name).stringValue());
      }
      ChatTemplate template = ChatTemplate.of(one.get("template").stringValue(), specials);
      Map<String, JsonNode> variables =
          Map.of(ChatTemplate.ANSWER_BEGINS, one.get("add_generation_prompt"));
      if (one.has("expected")) {
        assertThat(template.render(one.get("messages"), one.get("tools"), variables))
            .as(line)
            .isEqualTo(one.get("expected").stringValue());
      } else {
        String error = one.get("error").stringValue();
        assertThatThrownBy(() -> template.render(one.get("messages"), one.get("tools"), variables))
            .as(line)
            .isInstanceOf(LatheException.class)
            .hasMessage(error.substring("TemplateError: ".length()));
      }
    }
  }

  @Test
  void templateOfAModel_isReadWithItsSpecialTokens() {
    ChatTemplate template =
        ChatTemplate.read(Shared.path("fixtures/text/shakespeare-llama")).orElseThrow();
    JsonNode yes = JsonMapper.shared().readTree("true");
    assertThat(template.render(HELLO, NONE, Map.of(ChatTemplate.ANSWER_BEGINS, yes)))
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n");
    assertThat(template.render(HELLO, NONE, Map.of()))
        .isEqualTo("<|im_start|>user\nHi<|im_end|>\n");
  }

  @Test
  void ownFileAndNamedTemplates_areFound_andTokensMayBeObjects(@TempDir Path folder)
      throws IOException {
    assertThat(ChatTemplate.read(folder)).isEmpty();
    Files.writeString(
        folder.resolve("tokenizer_config.json"),
        """
        {"bos_token": {"content": "<s>"}, "eos_token": null, "chat_template": [
          {"name": "tool_use", "template": "tools"},
          {"name": "default", "template": "{{ bos_token }}{{ eos_token is defined }}"}]}
        """);
    assertThat(ChatTemplate.read(folder).orElseThrow().render(HELLO, NONE, Map.of()))
        .isEqualTo("<s>False");
    Files.writeString(folder.resolve("chat_template.jinja"), "own {{ messages[0].content }}");
    assertThat(ChatTemplate.read(folder).orElseThrow().render(HELLO, NONE, Map.of()))
        .isEqualTo("own Hi");
  }

  @Test
  void brokenTemplates_sayTheLine() {
    assertRefused("a\n{% if x %}", "chat template: line 2: end of template");
    assertRefused("\n\n{{ 1 + }}", "chat template: line 3: '}}' (expected: an expression)");
    assertRefused("{% include 'x' %}", "tag 'include' is not supported in chat templates");
    assertRefused("{{ 'x", "string is not closed");
    assertRefused("{{ 1 }", "line 1: unexpected '}'");
    assertRefused("{{ 1", "tag is not closed");
    assertRefused("{{ " + "(".repeat(500) + "1" + ")".repeat(500) + " }}", "nested more than");
    assertRefused("{{ 1 ]", "unexpected ']'");
    assertRefused("{# x", "comment is not closed");
    assertRefused("{{ 99999999999999999999 }}", "64 bits");
  }

  private static void assertRefused(String source, String message) {
    assertThatThrownBy(() -> ChatTemplate.of(source, Map.of()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }

  @Test
  void failuresWhileRendering_sayTheLineAndWhy() {
    assertFails("x\n{{ messages[0].absent.more }}", "line 2: 'dict object' has no attribute");
    assertFails("{{ nowhere() }}", "'nowhere' is undefined");
    assertFails("{{ 'a' + 1 }}", "unsupported operand type(s) for +: 'str' and 'int'");
    assertFails("{{ 1 | nofilter }}", "No filter named 'nofilter'.");
    assertFails("{{ 1 is notest }}", "No test named 'notest'.");
    assertFails("{{ messages.append(1) }}", "access to attribute 'append' of 'list' object");
    assertFails("{{ messages[0].update({}) }}", "access to attribute 'update' of 'dict' object");
  }

  @Test
  void hostileTemplates_areStopped() {
    assertFails(
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "more than 10000000 steps");
    assertFails("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "calls itself");
    assertFails("{{ 'ab' * 99999999 }}", "at most 16777216");
    assertFails("{{ [1] * 99999999999 }}", "at most 16777216");
    assertFails("{{ range(999999) }}", "Range too big");
    assertFails("{{ 2 ** 99999 }}", "beyond 64 bits");
    assertFails("{{ 'x'.center(99999999) }}", "width 99999999");
    assertFails("{{ '%99999d' % 1 }}{{ '{:99999999}'.format(1) }}", "Invalid format");
    assertFails(
        "{% set ns = namespace(t='x') %}{% for i in range(99) %}{% set ns.t = ns.t ~ ns.t %}"
            + "{% endfor %}",
        "at most 16777216");
    assertFails("{{ messages.__class__.__mro__ }}", "has no attribute '__class__'");
    assertFails("{{ ''.__class__() }}", "has no attribute '__class__'");
  }

  private static void assertFails(String source, String message) {
    ChatTemplate template = ChatTemplate.of(source, Map.of());
    assertThatThrownBy(() -> template.render(HELLO, NONE, Map.of()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(message);
  }
}
