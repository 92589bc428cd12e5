package dev.lathe.train.recipe;

import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Column;
import dev.lathe.train.recipe.Form.Each;
import dev.lathe.train.recipe.Form.Either;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Name;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Need;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The recipe's form as JSON Schema, draft 2020-12, for editors and for other programs. */
public final class RecipeSchema {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private RecipeSchema() {}

  /**
   * The schema.
   *
   * @return JSON text
   */
  public static String json() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Lathe recipe");
    schema.putAll(schema(RecipeForm.RECIPE));
    return MAPPER.writeValueAsString(schema);
  }

  private static Map<String, Object> schema(Form form) {
    return switch (form) {
      case Whole whole ->
          ordered("type", "integer", "minimum", whole.least(), "maximum", whole.most());
      case Real real ->
          ordered(
              "type",
              "number",
              real.leastExcluded() ? "exclusiveMinimum" : "minimum",
              real.least(),
              "maximum",
              real.most());
      case Text text -> ordered("type", "string", "pattern", "^(?:" + text.pattern() + ")$");
      case Flag _ -> ordered("type", "boolean");
      case Choice choice -> ordered("type", "string", "enum", choice.names());
      case Name name ->
          ordered(
              "oneOf",
              List.of(
                  schema(name.names()),
                  ordered("type", "string", "pattern", "^(?:" + name.others() + ")$")));
      case Many many ->
          ordered(
              "type",
              "array",
              "items",
              schema(many.element()),
              "minItems",
              many.least(),
              "maxItems",
              many.most());
      case Column _ -> column();
      case Either either ->
          ordered("oneOf", List.of(schema(either.text()), schema(either.other())));
      case Each each ->
          ordered(
              "type",
              "object",
              "propertyNames",
              schema(each.key()),
              "additionalProperties",
              schema(each.element()),
              "minProperties",
              1,
              "maxProperties",
              each.most());
      case Fields fields -> fields(fields.keys());
      case Variants variants -> variants(variants);
      case Named named -> named(named.variants());
    };
  }

  private static Map<String, Object> column() {
    Map<String, Object> one = ordered("type", List.of("string", "integer"));
    Map<String, Object> several =
        ordered("type", "array", "items", one, "minItems", 1, "maxItems", RecipeForm.MAX_TARGETS);
    return ordered("oneOf", List.of(one, several));
  }

  private static Map<String, Object> fields(List<Key> keys) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (Key key : keys) {
      Map<String, Object> property = schema(key.form());
      property.put("description", key.about());
      if (key.need() == Need.REQUIRED) {
        required.add(key.name());
      } else if (!"".equals(key.standard())) {
        property.put("default", key.standard());
      }
      properties.put(key.name(), property);
    }
    Map<String, Object> schema = ordered("type", "object", "properties", properties);
    schema.put("required", required);
    schema.put("additionalProperties", false);
    return schema;
  }

  private static Map<String, Object> named(Variants variants) {
    List<String> names = new ArrayList<>();
    variants
        .cases()
        .forEach(
            (name, fields) -> {
              if (fields.keys().stream().allMatch(key -> key.need() == Need.OPTIONAL)) {
                names.add(name);
              }
            });
    return ordered("oneOf", List.of(schema(new Choice(names)), variants(variants)));
  }

  private static Map<String, Object> variants(Variants variants) {
    List<Object> cases = new ArrayList<>();
    variants
        .cases()
        .forEach(
            (name, fields) -> {
              List<Key> keys = new ArrayList<>();
              keys.add(Key.required(variants.key(), new Choice(List.of(name)), variants.about()));
              keys.addAll(fields.keys());
              cases.add(fields(keys));
            });
    return ordered("oneOf", cases);
  }

  private static Map<String, Object> ordered(Object... pairs) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      map.put((String) pairs[i], pairs[i + 1]);
    }
    return map;
  }
}
