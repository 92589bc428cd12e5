package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.AnswerForm.Calls;
import dev.lathe.generate.AnswerForm.Thinking;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Answers as families of models write them, whole and cut into pieces of all sizes. */
class AnswerParserTest {
  private static final Set<String> TOOLS = Set.of("weather", "add");

  private static AnswerForm form(Calls calls) {
    return new AnswerForm(calls, TOOLS, Thinking.MARKED);
  }

  /** What an answer says, however it is cut. */
  private static String parsed(AnswerForm form, String answer) {
    String whole = parsed(form, List.of(answer));
    for (long seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      List<String> pieces = new java.util.ArrayList<>();
      for (int at = 0; at < answer.length(); ) {
        int next = Math.min(answer.length(), at + random.nextInt(1, seed < 5 ? 2 : 9));
        pieces.add(answer.substring(at, next));
        at = next;
      }
      assertThat(parsed(form, pieces)).as("seed " + seed).isEqualTo(whole);
    }
    return whole;
  }

  private static String parsed(AnswerForm form, List<String> pieces) {
    AnswerParser parser = new AnswerParser(form);
    StringBuilder said = new StringBuilder();
    String kind = "";
    List<AnswerPart> parts = new java.util.ArrayList<>();
    pieces.forEach(piece -> parts.addAll(parser.push(piece)));
    parts.addAll(parser.finish());
    for (AnswerPart part : parts) {
      String now =
          switch (part) {
            case AnswerPart.Text text -> "text";
            case AnswerPart.Reasoning text -> "thought";
            case AnswerPart.CallBegins call -> "call " + call.call();
            case AnswerPart.CallArguments call -> "arguments " + call.call();
          };
      said.append(now.equals(kind) ? "" : "|" + now + ":");
      kind = now;
      said.append(
          switch (part) {
            case AnswerPart.Text text -> text.text();
            case AnswerPart.Reasoning text -> text.text();
            case AnswerPart.CallBegins call -> call.name();
            case AnswerPart.CallArguments call -> call.text();
          });
    }
    return said.toString();
  }

  @Test
  void plainText_isText() {
    assertThat(parsed(AnswerForm.PLAIN, "Hello <tool_call> {\"a\": 1} <think>\n"))
        .isEqualTo("|text:Hello <tool_call> {\"a\": 1} <think>\n");
    assertThat(parsed(form(Calls.TAGGED), "  ")).isEqualTo("|text:  ");
    assertThat(parsed(form(Calls.TAGGED), "a < b <tool")).isEqualTo("|text:a < b <tool");
  }

  @Test
  void taggedCalls_areRead_withTextAndThoughtsBefore() {
    String answer =
        "<think>\nhm, \"{\" ok\n</think>\n\nLet me see.\n"
            + "<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"Zü}\\\"rich\", \"d\": [1]}}\n"
            + "</tool_call>\n<tool_call>\n{\"arguments\": {}, \"name\": \"other\"}\n</tool_call>";
    assertThat(parsed(form(Calls.TAGGED), answer))
        .isEqualTo(
            "|thought:hm, \"{\" ok\n|text:Let me see.\n|call 0:weather"
                + "|arguments 0:{\"city\": \"Zü}\\\"rich\", \"d\": [1]}|call 1:other|arguments 1:{}");
  }

  @Test
  void argumentsAreStreamedAsTheyCome() {
    AnswerParser parser = new AnswerParser(form(Calls.TAGGED));
    assertThat(parser.push("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\":"))
        .containsExactly(
            new AnswerPart.CallBegins(0, "add"), new AnswerPart.CallArguments(0, "{\"a\":"));
    assertThat(parser.push(" 1}")).containsExactly(new AnswerPart.CallArguments(0, " 1}"));
    assertThat(parser.push("}</tool_call>")).isEmpty();
    assertThat(parser.finish()).isEmpty();
  }

  @Test
  void argumentsThatAreAString_areWhatItSays_andAbsentOnesAnEmptyObject() {
    assertThat(
            parsed(
                form(Calls.TAGGED),
                "<tool_call>{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>"))
        .isEqualTo("|call 0:add|arguments 0:{\"a\": 1}");
    assertThat(parsed(form(Calls.TAGGED), "<tool_call>{\"name\": \"add\"}</tool_call>"))
        .isEqualTo("|call 0:add|arguments 0:{}");
  }

  @Test
  void whatIsNoCall_staysText() {
    assertThat(parsed(form(Calls.TAGGED), "<tool_call>no json</tool_call> x"))
        .isEqualTo("|text:<tool_call>no json</tool_call> x");
    assertThat(parsed(form(Calls.LLAMA), "{\"temperature\": 20}"))
        .isEqualTo("|text:{\"temperature\": 20}");
    assertThat(parsed(form(Calls.BARE), "{\"name\": \"Bob\", \"age\": 3}"))
        .isEqualTo("|text:{\"name\": \"Bob\", \"age\": 3}");
    assertThat(parsed(form(Calls.TAGGED), "<tool_call>{\"na")).isEqualTo("|text:<tool_call>{\"na");
  }

  @Test
  void llamaCalls_areRead_bareAndMarked() {
    assertThat(parsed(form(Calls.LLAMA), "{\"name\": \"add\", \"parameters\": {\"a\": \"1\"}}"))
        .isEqualTo("|call 0:add|arguments 0:{\"a\": \"1\"}");
    assertThat(
            parsed(
                form(Calls.LLAMA),
                "<|python_tag|>{\"name\": \"add\", \"parameters\": {}}; "
                    + "{\"name\": \"weather\", \"parameters\": {}}"))
        .isEqualTo("|call 0:add|arguments 0:{}|call 1:weather|arguments 1:{}");
  }

  @Test
  void mistralCalls_areRead_asArrayAndByName() {
    assertThat(
            parsed(
                form(Calls.MISTRAL),
                "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": {\"a\": [1]}}, "
                    + "{\"name\": \"weather\", \"arguments\": {}}]"))
        .isEqualTo("|call 0:add|arguments 0:{\"a\": [1]}|call 1:weather|arguments 1:{}");
    assertThat(
            parsed(
                form(Calls.MISTRAL),
                "Sure.[TOOL_CALLS]add[ARGS]{\"a\": {\"b\": 1}}[TOOL_CALLS]weather{\"c\": \"}\"}"))
        .isEqualTo(
            "|text:Sure.|call 0:add|arguments 0:{\"a\": {\"b\": 1}}|call 1:weather"
                + "|arguments 1:{\"c\": \"}\"}");
  }

  @Test
  void thoughtsThatThePromptBegan_endWhereTheySay() {
    AnswerForm form = new AnswerForm(Calls.TAGGED, Set.of(), Thinking.BEGUN);
    assertThat(parsed(form, "\nso\n</think>\n\n4")).isEqualTo("|thought:so\n|text:4");
    assertThat(parsed(form, "so it goes")).isEqualTo("|thought:so it goes");
  }

  @Test
  void form_isSeenInTheTemplate() {
    assertThat(AnswerForm.of("..<tool_call>..</think>", "x<think>\n", TOOLS))
        .isEqualTo(new AnswerForm(Calls.TAGGED, TOOLS, Thinking.BEGUN));
    assertThat(AnswerForm.of("..[TOOL_CALLS]", "x", TOOLS).calls()).isEqualTo(Calls.MISTRAL);
    assertThat(AnswerForm.of("..ipython", "x", TOOLS).calls()).isEqualTo(Calls.LLAMA);
    assertThat(AnswerForm.of("..", "x", Set.of())).isEqualTo(AnswerForm.PLAIN);
  }
}
