package dev.lathe.generate;

import dev.lathe.generate.AnswerForm.Calls;
import dev.lathe.prepare.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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

  /**
   * The constraint of an answer that is calls, or something else that is constrained as well.
   *
   * @param calls how the model calls tools
   * @param vocabulary its tokens
   * @param arguments what each tool may be called with, by name; at least one
   * @param otherwise what the answer is if it calls nothing; must not begin as any of {@link
   *     #beginnings}
   * @return calls alone, or the other alone
   */
  public static Constraint or(
      Calls calls, Vocabulary vocabulary, Map<String, Constraint> arguments, Constraint otherwise) {
    StrictCalls strict = new StrictCalls(vocabulary, arguments);
    Constraint called =
        switch (calls) {
          case TAGGED -> strict.taggedCalls();
          case MISTRAL -> strict.mistralCalls(1);
          case LLAMA -> strict.llamaCall();
          case BARE -> strict.call("arguments");
        };
    return any(List.of(called, otherwise));
  }

  /**
   * How calls begin, letter by letter.
   *
   * @param calls how the model calls tools
   * @param tools the tools
   * @return the texts; one of them begins every call
   */
  public static List<String> beginnings(Calls calls, Set<String> tools) {
    List<String> texts = new ArrayList<>();
    switch (calls) {
      case TAGGED -> texts.add(TAG);
      case MISTRAL -> texts.add(MISTRAL);
      case LLAMA -> {
        texts.add(PYTHON);
        tools.forEach(name -> texts.add(beginning(name, "parameters")));
      }
      case BARE -> tools.forEach(name -> texts.add(beginning(name, "arguments")));
    }
    return texts;
  }

  private static String beginning(String name, String key) {
    return "{\"name\": \"" + name + "\", \"" + key + "\": ";
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
        (name, allowed) -> calls.add(then(text(beginning(name, key)), allowed, text("}"))));
    return any(calls);
  }

  private Constraint tagged() {
    return then(
        new Constraint.FreeText(List.of(TAG)), new Constraint.Repeated(taggedCalls(), 0, 1));
  }

  private Constraint taggedCalls() {
    Constraint one = then(marker(TAG), text("\n"), call("arguments"), text("\n"), marker(END_TAG));
    Constraint more = then(text("\n"), one);
    return then(one, new Constraint.Repeated(more, 0, Constraint.ENDLESS));
  }

  private Constraint mistral() {
    return then(new Constraint.FreeText(List.of(MISTRAL)), mistralCalls(0));
  }

  private Constraint mistralCalls(int least) {
    if (vocabulary.id(ARGS).isPresent()) {
      List<Constraint> calls = new ArrayList<>();
      arguments.forEach(
          (name, allowed) -> calls.add(then(marker(MISTRAL), text(name), marker(ARGS), allowed)));
      return new Constraint.Repeated(any(calls), least, Constraint.ENDLESS);
    }
    Constraint call = call("arguments");
    Constraint more = new Constraint.Repeated(then(text(", "), call), 0, Constraint.ENDLESS);
    return new Constraint.Repeated(
        then(marker(MISTRAL), text("["), call, more, text("]")), least, 1);
  }

  private Constraint llama() {
    return any(List.of(NO_CALL, llamaCall()));
  }

  private Constraint llamaCall() {
    return then(new Constraint.Repeated(marker(PYTHON), 0, 1), call("parameters"));
  }
}
