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

  private static final Constraint CONTENT =
      new Constraint.JsonSchema(
          "{\"type\":\"object\",\"properties\":{\"said\":{\"type\":\"string\"}},"
              + "\"required\":[\"said\"],\"additionalProperties\":false}",
          Space.ONE);

  @ParameterizedTest
  @EnumSource
  void answers_areCallsOrByTheSchema_andNothingElse(Calls form) {
    String call = WRITTEN.get(form);
    try (Tokenizer tokenizer =
        Tokenizer.open(Shared.path("fixtures/text/shakespeare-llama/tokenizer.json"))) {
      Constraints constraints = Constraints.of(tokenizer);
      TokenConstraint start =
          constraints.start(StrictCalls.or(form, tokenizer.vocabulary(), TOOLS, CONTENT));
      assertThat(accepts(tokenizer, start, "{\"said\": \"no\"}")).isTrue();
      assertThat(accepts(tokenizer, start, call)).isTrue();
      assertThat(accepts(tokenizer, start, "")).isFalse();
      assertThat(accepts(tokenizer, start, "No tool is needed.")).isFalse();
      assertThat(accepts(tokenizer, start, "{\"said\": 3}")).isFalse();
      assertThat(accepts(tokenizer, start, call.replace("3", "8"))).isFalse();
      assertThat(accepts(tokenizer, start, "{\"said\": \"no\"}" + call)).isFalse();
      for (String beginning : StrictCalls.beginnings(form, TOOLS.keySet())) {
        assertThat(constraints.mayBegin(CONTENT, beginning)).as(beginning).isFalse();
      }
      assertThat(constraints.mayBegin(CONTENT, "{\"said\": \"<tool_call>")).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void parser_tellsCallsFromContent_byHowTheyBegin(Calls form) {
    AnswerForm either =
        new AnswerForm(form, Set.of("weather", "time"), AnswerForm.Thinking.NOT_MARKED)
            .constrained();
    String trap =
        "{\"said\": \"<tool_call>[TOOL_CALLS]<|python_tag|>\", \"name\": \"weather\","
            + " \"arguments\": {}, \"parameters\": {}}";
    for (int size : new int[] {1, 3, 1000}) {
      assertThat(read(either, trap, size)).containsExactly(new AnswerPart.Text(trap));
      List<AnswerPart> called = read(either, WRITTEN.get(form), size);
      assertThat(called.getFirst()).isEqualTo(new AnswerPart.CallBegins(0, "weather"));
      assertThat(called).noneMatch(part -> part instanceof AnswerPart.Text);
      assertThat(read(either, "{\"na", size))
          .as("an answer that broke off")
          .containsExactly(new AnswerPart.Text("{\"na"));
    }
  }

  private static List<AnswerPart> read(AnswerForm form, String text, int size) {
    AnswerParser parser = new AnswerParser(form);
    StringBuilder said = new StringBuilder();
    List<AnswerPart> parts = new ArrayList<>();
    for (int at = 0; at < text.length(); at += size) {
      parts.addAll(parser.push(text.substring(at, Math.min(text.length(), at + size))));
    }
    parts.addAll(parser.finish());
    List<AnswerPart> joined = new ArrayList<>();
    for (AnswerPart part : parts) {
      if (part instanceof AnswerPart.Text(String piece)) {
        said.append(piece);
      } else {
        joined.add(part);
      }
    }
    if (!said.isEmpty()) {
      joined.add(new AnswerPart.Text(said.toString()));
    }
    return joined;
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
