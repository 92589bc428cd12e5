package dev.lathe.server.openai;

import dev.lathe.generate.AnswerForm;
import dev.lathe.generate.Constraint;
import dev.lathe.generate.Constraint.Space;
import dev.lathe.generate.StrictCalls;
import dev.lathe.prepare.Vocabulary;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What an answer may say, as requests ask for it: a form of response, or a call of a tool. */
final class Restraint {
  private static final String END_OF_THOUGHT = "</think>";

  private Restraint() {}

  /**
   * What is asked for by {@code response_format}, {@code tool_choice} or a vendor's fields. Where
   * tools may be called, an answer that calls one has no form of response.
   */
  static Optional<Constraint> of(Fields body, ChatPrompt prompt, AskedModel asked) {
    Optional<Constraint> format = format(body.node("response_format"));
    Optional<Constraint> call = call(body.node("tool_choice"), prompt.tools());
    Optional<Constraint> vendor = vendor(body);
    if (vendor.isPresent() && (format.isPresent() || call.isPresent())) {
      throw Fields.bad(
          "structured_outputs",
          "beside another constraint",
          "one of response_format, tool_choice, structured_outputs");
    }
    Optional<Constraint> whole =
        call.or(() -> vendor).or(() -> format.map(one -> orCalls(one, prompt, asked)));
    if (whole.isEmpty() && !prompt.strict().isEmpty()) {
      Vocabulary vocabulary = asked.tokenizer().vocabulary();
      whole = Optional.of(StrictCalls.of(prompt.form().calls(), vocabulary, arguments(prompt)));
    }
    boolean thinks = prompt.form().reasoning() == AnswerForm.Thinking.BEGUN;
    return whole.map(one -> thinks ? afterThoughts(one) : one);
  }

  private static Constraint afterThoughts(Constraint answer) {
    return new Constraint.Then(
        List.of(
            new Constraint.FreeText(List.of(END_OF_THOUGHT)),
            new Constraint.Text(END_OF_THOUGHT),
            answer));
  }

  /** A form of response, or calls of the tools that there are. */
  private static Constraint orCalls(Constraint format, ChatPrompt prompt, AskedModel asked) {
    if (prompt.tools().isEmpty()) {
      return format;
    }
    AnswerForm.Calls calls = prompt.form().calls();
    for (String beginning : StrictCalls.beginnings(calls, prompt.tools().keySet())) {
      if (asked.constraints().mayBegin(format, beginning)) {
        throw Fields.bad(
            "response_format",
            "an answer by it may begin " + beginning.strip() + ", as a call of a tool does",
            "a form that does not, or tool_choice none or required");
      }
    }
    Vocabulary vocabulary = asked.tokenizer().vocabulary();
    return StrictCalls.or(calls, vocabulary, arguments(prompt), format);
  }

  /** What is asked for by {@code response_format} or a vendor's field, where there are no tools. */
  static Optional<Constraint> of(Fields body) {
    Optional<Constraint> format = format(body.node("response_format"));
    Optional<Constraint> vendor = vendor(body);
    if (format.isPresent() && vendor.isPresent()) {
      throw Fields.bad(
          "response_format", "2 constraints", "one of response_format, structured_outputs");
    }
    return format.or(() -> vendor);
  }

  /** What each tool may be called with, if it is called at all. */
  private static Map<String, Constraint> arguments(ChatPrompt prompt) {
    Map<String, Constraint> arguments = new LinkedHashMap<>();
    prompt
        .tools()
        .forEach(
            (name, parameters) ->
                arguments.put(
                    name,
                    prompt.strict().contains(name)
                        ? new Constraint.JsonSchema(parameters.toString(), Space.ONE)
                        : new Constraint.JsonObject(Space.ONE)));
    return arguments;
  }

  /** How the answer is written under the constraint: forced calls are bare. */
  static AnswerForm form(Fields body, ChatPrompt prompt) {
    JsonNode choice = body.node("tool_choice");
    boolean forced = choice.isObject() || choice.asString("").equals("required");
    AnswerForm form = prompt.form();
    if (forced) {
      return new AnswerForm(AnswerForm.Calls.BARE, form.tools(), form.reasoning());
    }
    return format(body.node("response_format")).isPresent() ? form.constrained() : form;
  }

  private static Optional<Constraint> format(JsonNode node) {
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    Fields format = Fields.of(node, "response_format");
    String type = format.needText("type");
    return switch (type) {
      case "text" -> Optional.empty();
      case "json_object" -> Optional.of(new Constraint.JsonObject(Space.ONE));
      case "json_schema" -> {
        Fields schema = Fields.of(format.node("json_schema"), format.name("json_schema"));
        String name = schema.needText("name");
        if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
          throw Fields.bad(
              schema.name("name"), "\"" + name + "\"", "1 to 64 of letters, digits, _ -");
        }
        JsonNode said = schema.node("schema");
        Fields.of(said, schema.name("schema"));
        yield Optional.of(new Constraint.JsonSchema(said.toString(), Space.ONE));
      }
      default ->
          throw Fields.bad(
              format.name("type"), "\"" + type + "\"", "text, json_object or json_schema");
    };
  }

  private static Optional<Constraint> call(JsonNode choice, Map<String, JsonNode> tools) {
    if (choice.isMissingNode()) {
      return Optional.empty();
    }
    if (choice.isString()) {
      return switch (choice.stringValue()) {
        case "none", "auto" -> Optional.empty();
        case "required" -> Optional.of(anyOf(tools));
        default ->
            throw Fields.bad(
                "tool_choice", Fields.shown(choice), "none, auto, required, or a function");
      };
    }
    Fields wanted = Fields.of(choice, "tool_choice");
    String type = wanted.needText("type");
    if (!type.equals("function")) {
      throw Fields.bad("tool_choice.type", "\"" + type + "\"", "function");
    }
    String name = Fields.of(wanted.node("function"), wanted.name("function")).needText("name");
    JsonNode parameters = tools.get(name);
    if (parameters == null) {
      throw Fields.bad(
          "tool_choice.function.name", "\"" + name + "\"", "one of tools: " + tools.keySet());
    }
    return Optional.of(call(name, parameters));
  }

  private static Constraint anyOf(Map<String, JsonNode> tools) {
    if (tools.isEmpty()) {
      throw Fields.bad("tool_choice", "required, without tools", "tools to choose from");
    }
    List<Constraint> calls = new ArrayList<>();
    tools.forEach((name, parameters) -> calls.add(call(name, parameters)));
    return calls.size() == 1 ? calls.getFirst() : new Constraint.AnyOf(calls);
  }

  private static Constraint call(String name, JsonNode parameters) {
    return new Constraint.Then(
        List.of(
            new Constraint.Text("{\"name\": \"" + name + "\", \"arguments\": "),
            new Constraint.JsonSchema(parameters.toString(), Space.ONE),
            new Constraint.Text("}")));
  }

  /** {@code structured_outputs}, as vLLM has it. */
  private static Optional<Constraint> vendor(Fields body) {
    JsonNode node = body.node("structured_outputs");
    if (node.isMissingNode()) {
      return Optional.empty();
    }
    Fields wanted = Fields.of(node, "structured_outputs");
    List<Constraint> all = new ArrayList<>();
    Space space = wanted.flag("disable_any_whitespace") ? Space.NONE : Space.ONE;
    JsonNode schema = wanted.node("json");
    if (!schema.isMissingNode()) {
      String text = schema.isString() ? schema.stringValue() : schema.toString();
      all.add(new Constraint.JsonSchema(text, space));
    }
    if (wanted.flag("json_object")) {
      all.add(new Constraint.JsonObject(space));
    }
    wanted.text("regex").ifPresent(text -> all.add(new Constraint.Regex(text)));
    wanted.text("grammar").ifPresent(text -> all.add(new Constraint.Grammar(text)));
    JsonNode choices = wanted.node("choice");
    if (!choices.isMissingNode()) {
      List<String> texts = new ArrayList<>();
      choices.forEach(one -> texts.add(one.asString("")));
      all.add(new Constraint.Choice(texts));
    }
    wanted.end();
    if (all.size() != 1) {
      throw Fields.bad(
          "structured_outputs",
          all.size() + " constraints",
          "one of json, json_object, regex, grammar, choice");
    }
    return Optional.of(all.getFirst());
  }
}
