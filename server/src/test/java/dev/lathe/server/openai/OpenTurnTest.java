package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.prepare.ChatTemplate;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Answers that were begun, in the manners of several templates. */
class OpenTurnTest {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
  private static final String TURNS =
      "{% for m in messages %}[{{ m.role }}]BEFORE{{ m.content }}[end]{% endfor %}";
  private static final String BEGINS = "{% if add_generation_prompt %}[assistant]{% endif %}";

  private static String of(String source, String begun) {
    ArrayNode messages = NODES.arrayNode();
    messages.addObject().put("role", "user").put("content", "Hi");
    messages.addObject().put("role", "assistant").put("content", begun);
    return OpenTurn.of(ChatTemplate.of(source, Map.of()), messages, NODES.nullNode(), Map.of());
  }

  @Test
  void words_standWhereTheTemplatePutsThem() {
    String plain = TURNS.replace("BEFORE", "") + BEGINS;
    assertThat(of(plain, "Yes, ")).isEqualTo("[user]Hi[end][assistant]Yes, ");
    assertThat(of(plain, " Yes")).isEqualTo("[user]Hi[end][assistant] Yes");
    String thinks = "{% if m.role == 'assistant' %}<think>\n\n</think>\n\n{% endif %}";
    assertThat(of(TURNS.replace("BEFORE", thinks) + BEGINS, "Yes"))
        .isEqualTo("[user]Hi[end][assistant]<think>\n\n</think>\n\nYes");
  }

  @Test
  void templateThatBeginsAnswersOtherwise_isRefused() {
    String plain = TURNS.replace("BEFORE", "");
    for (String source :
        new String[] {
          plain,
          plain + BEGINS.replace("[assistant]", "[assistant]<think>"),
          plain.replace("m.content", "m.content | upper") + BEGINS
        }) {
      assertThatThrownBy(() -> of(source, "Yes"))
          .as(source)
          .hasMessageContaining("messages")
          .hasMessageContaining("lets no answer that was begun go on");
    }
  }
}
