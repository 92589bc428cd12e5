package dev.lathe.generate;

import dev.lathe.generate.AnswerForm.Calls;
import dev.lathe.prepare.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Answers that may call tools, or not, and if they do with arguments that are valid: free text up
 * to where the model's way of calling begins, then calls alone.
 */
public final class StrictCalls {
  private static final String TAG = "<tool_call>";
  private static final String END_TAG = "</tool_call>";
  private static final String PYTHON = "<|python_tag|>";
  private static final String MISTRAL = "[TOOL_CALLS]";
  private static final String ARGS = "[ARGS]";

  /** Anything that does not begin as a bare call does. */
  private static final Constraint NO_CALL = new Constraint.Regex("(?:\\s*[^{\\s][\\s\\S]*)?");

  private final Vocabulary vocabulary;
  private final Map<String, Constraint> arguments;

  private StrictCalls(Vocabulary vocabulary, Map<String, Constraint> arguments) {
    this.vocabulary = vocabulary;
    this.arguments = arguments;
  }

  /**
   * The constraint of an answer.
   *
   * @param calls how the model calls tools
   * @param vocabulary its tokens
   * @param arguments what each tool may be called with, by name; at least one
   * @return text, or text and calls
   */
  public static Constraint of(
      Calls calls, Vocabulary vocabulary, Map<String, Constraint> arguments) {
    StrictCalls strict = new StrictCalls(vocabulary, arguments);
    return switch (calls) {
      case TAGGED -> strict.tagged();
      case MISTRAL -> strict.mistral();
      case LLAMA -> strict.llama();
      case BARE -> any(List.of(NO_CALL, strict.call("arguments")));
    };
  }

  private static Constraint then(Constraint... parts) {
    return new Constraint.Then(List.of(parts));
  }

  private static Constraint any(List<Constraint> parts) {
    return new Constraint.AnyOf(parts);
  }

  private static Constraint text(String text) {
    return new Constraint.Text(text);
  }

  /** A marker, as one token where the vocabulary has it. */
  private Constraint marker(String marker) {
    return vocabulary.id(marker).isPresent() ? new Constraint.Token(marker) : text(marker);
  }

  /** {@code {"name": …, "arguments": …}}, of any of the tools. */
  private Constraint call(String key) {
    List<Constraint> calls = new ArrayList<>();
    arguments.forEach(
        (name, allowed) ->
            calls.add(
                then(text("{\"name\": \"" + name + "\", \"" + key + "\": "), allowed, text("}"))));
    return any(calls);
  }

  private Constraint tagged() {
    Constraint one = then(marker(TAG), text("\n"), call("arguments"), text("\n"), marker(END_TAG));
    Constraint more = then(text("\n"), one);
    Constraint calls = then(one, new Constraint.Repeated(more, 0, Constraint.ENDLESS));
    return then(new Constraint.FreeText(List.of(TAG)), new Constraint.Repeated(calls, 0, 1));
  }

  private Constraint mistral() {
    Constraint free = new Constraint.FreeText(List.of(MISTRAL));
    if (vocabulary.id(ARGS).isPresent()) {
      List<Constraint> calls = new ArrayList<>();
      arguments.forEach(
          (name, allowed) -> calls.add(then(marker(MISTRAL), text(name), marker(ARGS), allowed)));
      return then(free, new Constraint.Repeated(any(calls), 0, Constraint.ENDLESS));
    }
    Constraint call = call("arguments");
    Constraint more = new Constraint.Repeated(then(text(", "), call), 0, Constraint.ENDLESS);
    return then(
        free,
        new Constraint.Repeated(then(marker(MISTRAL), text("["), call, more, text("]")), 0, 1));
  }

  private Constraint llama() {
    Constraint call = call("parameters");
    return any(List.of(NO_CALL, then(new Constraint.Repeated(marker(PYTHON), 0, 1), call)));
  }
}
