package dev.lathe.generate.constrain;

import dev.lathe.generate.Constraint;
import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Vocabulary;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A constraint as a form. */
final class Translate {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Vocabulary vocabulary;
  private final Budget budget;

  Translate(Vocabulary vocabulary, Budget budget) {
    this.vocabulary = vocabulary;
    this.budget = budget;
  }

  Form form(Constraint constraint) {
    budget.work(10);
    return switch (constraint) {
      case Constraint.JsonSchema schema -> schema(schema.schema(), json(schema.space()), budget);
      case Constraint.JsonObject object -> json(object.space()).anyObject();
      case Constraint.Regex regex ->
          CharDfa.of(Regex.parse(regex.expression()), CharDfa.Match.WHOLE, budget).form();
      case Constraint.Grammar grammar -> new Form.Call(Gbnf.parse(grammar.gbnf()));
      case Constraint.Choice choice ->
          new Form.Alt(choice.texts().stream().map(Form::text).toList());
      case Constraint.Text text -> Form.text(text.text());
      case Constraint.Token token -> token(token.token());
      case Constraint.FreeText free -> free(free.without());
      case Constraint.Then then -> new Form.Seq(forms(then.parts()));
      case Constraint.AnyOf any -> new Form.Alt(forms(any.parts()));
      case Constraint.Repeated repeated ->
          new Form.Repeat(form(repeated.part()), repeated.least(), repeated.most());
    };
  }

  private List<Form> forms(List<Constraint> parts) {
    return parts.stream().map(this::form).toList();
  }

  private static JsonForms json(Constraint.Space space) {
    return switch (space) {
      case SOME -> JsonForms.spaced();
      case ONE -> new JsonForms(Form.maybe(Form.text(" ")));
      case NONE -> JsonForms.compact();
    };
  }

  /** The form of a JSON Schema. */
  static Form schema(String schema, JsonForms json, Budget budget) {
    JsonNode read;
    try {
      read = JSON.readTree(schema);
    } catch (JacksonException e) {
      throw new LatheException(
          GenerateError.BAD_CONSTRAINT,
          "schema: no JSON: " + e.getOriginalMessage() + " (expected: a JSON Schema)",
          e);
    }
    return new SchemaForms(json, read, budget).form();
  }

  private Form token(String name) {
    int id =
        vocabulary
            .id(name)
            .orElseThrow(
                () ->
                    new LatheException(
                        GenerateError.BAD_CONSTRAINT,
                        "token \"" + name + "\": none of the vocabulary's"));
    return vocabulary.special(id) ? new Form.Special(id) : Form.text(name);
  }

  private Form free(List<String> without) {
    CharDfa any = CharDfa.length(0, Form.ENDLESS, budget);
    if (without.isEmpty()) {
      return any.form();
    }
    Form some = new Form.Alt(without.stream().map(Form::text).toList());
    return any.minus(CharDfa.of(some, CharDfa.Match.PART, budget), budget).form();
  }
}
