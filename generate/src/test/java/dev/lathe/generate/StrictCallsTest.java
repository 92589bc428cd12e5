package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.AnswerForm.Calls;
import dev.lathe.generate.Constraint.Space;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.testkit.Shared;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StrictCallsTest {
  private static final Map<String, Constraint> TOOLS = new LinkedHashMap<>();

  static {
    TOOLS.put(
        "weather",
        new Constraint.JsonSchema(
            "{\"type\":\"object\",\"properties\":{\"days\":{\"type\":\"integer\",\"minimum\":1,"
                + "\"maximum\":7}},\"required\":[\"days\"]}",
            Space.ONE));
    TOOLS.put("time", new Constraint.JsonObject(Space.ONE));
  }

  private static final Map<Calls, String> WRITTEN =
      Map.of(
          Calls.TAGGED,
              "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"days\": 3}}\n</tool_call>",
          Calls.MISTRAL, "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"days\": 3}}]",
          Calls.LLAMA, "{\"name\": \"weather\", \"parameters\": {\"days\": 3}}",
          Calls.BARE, "{\"name\": \"weather\", \"arguments\": {\"days\": 3}}");

  private static boolean accepts(Tokenizer tokenizer, TokenConstraint start, String text) {
    TokenConstraint at = start;
    for (int token : tokenizer.encode(text, Specials.WITHOUT).ids()) {
      if ((at.allowed()[token >> 6] >> token & 1) == 0) {
        return false;
      }
      at = at.after(token);
    }
    return at.mayEnd();
  }

  @ParameterizedTest
  @EnumSource
  void calls_areFreeToCome_andStrictIfTheyDo(Calls form) {
    String call = WRITTEN.get(form);
    try (Tokenizer tokenizer =
        Tokenizer.open(Shared.path("fixtures/text/shakespeare-llama/tokenizer.json"))) {
      TokenConstraint start =
          Constraints.of(tokenizer).start(StrictCalls.of(form, tokenizer.vocabulary(), TOOLS));
      assertThat(accepts(tokenizer, start, "No tool is needed.")).isTrue();
      assertThat(accepts(tokenizer, start, call)).isTrue();
      assertThat(accepts(tokenizer, start, call.replace("3", "8"))).isFalse();
      assertThat(accepts(tokenizer, start, call.replace("weather", "news"))).isFalse();
      assertThat(accepts(tokenizer, start, call + " and more")).isFalse();
      assertThat(accepts(tokenizer, start, call.replace("weather", "time"))).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void parser_readsWhatIsWritten(Calls form) {
    AnswerParser parser =
        new AnswerParser(
            new AnswerForm(form, Set.of("weather", "time"), AnswerForm.Thinking.NOT_MARKED));
    List<AnswerPart> parts = new ArrayList<>(parser.push(WRITTEN.get(form)));
    parts.addAll(parser.finish());
    assertThat(parts.getFirst()).isEqualTo(new AnswerPart.CallBegins(0, "weather"));
    assertThat(parts).noneMatch(part -> part instanceof AnswerPart.Text);
  }
}
