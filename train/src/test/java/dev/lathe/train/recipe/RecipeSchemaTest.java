package dev.lathe.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

class RecipeSchemaTest {
  private static final JsonNode SCHEMA = JsonMapper.builder().build().readTree(RecipeSchema.json());

  static List<Path> examples() throws Exception {
    List<Path> files = new ArrayList<>();
    files.add(Path.of("../cli/src/main/resources/dev/lathe/cli/quickstart.yaml"));
    try (var found = Files.list(Path.of("../examples"))) {
      found.filter(file -> file.toString().endsWith(".yaml")).forEach(files::add);
    }
    assertThat(files).hasSizeGreaterThan(1);
    return files;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void exampleRecipes_fitTheSchema(Path file) throws Exception {
    assertThat(problems(Files.readString(file))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "epochs: 4 | schedule: cosin\nepochs: 4",
        "epochs: 4 | schedule: step\nepochs: 4",
        "epochs: 4 | schedule: { kind: cosine, every: 3 }\nepochs: 4",
        "epochs: 4 | epoch: 4",
        "epochs: 4 | epochs: 0",
        "epochs: 4 | epochs: six",
        "kind: cnn | kind: cnm",
        "normalize: standard_all | normalize: [1]",
        "model: demo/digits | model: digits",
        "learning_rate: 0.002 | learning_rate: 0",
        "hidden: [64] | hidden: 64",
        "train: 8000 | train: 8000.5"
      })
  void badRecipe_doesNotFitTheSchema(String change) throws Exception {
    String good = Files.readString(examples().getFirst());
    String[] parts = change.split(" \\| ");
    String bad = good.replace(parts[0], parts[1]);
    assertThat(bad).isNotEqualTo(good);
    assertThat(problems(bad)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"cosine", "{ kind: cosine, floor: 0.1, warmup: 5 }", "{ kind: step, every: 3 }"})
  void scheduleByNameOrByKeys_fitsTheSchema(String schedule) throws Exception {
    String recipe = Files.readString(examples().getFirst());
    assertThat(problems(recipe + "\nschedule: " + schedule + "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cross_entropy",
        "{ kind: cross_entropy, class_weights: balanced, ignore: none }",
        "{ kind: cross_entropy, class_weights: [1, 2], ignore: 3 }",
        "{ kind: huber, delta: 2 }"
      })
  void lossByNameOrByKeys_fitsTheSchema(String loss) throws Exception {
    String recipe = Files.readString(examples().getFirst());
    assertThat(problems(recipe + "\nloss: " + loss + "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ kind: ctc, blank: -1 }",
        "{ kind: huber, beta: 2 }",
        "{ kind: cross_entropy, class_weights: even }"
      })
  void badLoss_doesNotFitTheSchema(String loss) throws Exception {
    String recipe = Files.readString(examples().getFirst());
    assertThat(problems(recipe + "\nloss: " + loss + "\n")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inputs: { a: [x, y], b: 3 }",
        "objectives: [{ output: y, task: binary, label: z, loss: binary_cross_entropy }]",
        "objectives: [{ loss: { kind: cross_entropy, focus: 2 }, name: focal }]",
        "metrics: [accuracy, top_3_accuracy]",
        "lora: { rank: 4, merge: false }"
      })
  void otherKeys_fitTheSchema(String line) throws Exception {
    String recipe = Files.readString(examples().getFirst());
    assertThat(problems(recipe + "\n" + line + "\n")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inputs: {}",
        "inputs: [a]",
        "inputs: { a: { b: c } }",
        "objectives: [{ output: y, label: z, name: \"a b\" }]",
        "metrics: [accuracy, top_0_accuracy]",
        "lora: { rank: 0 }"
      })
  void otherBadKeys_doNotFitTheSchema(String line) throws Exception {
    String recipe = Files.readString(examples().getFirst());
    assertThat(problems(recipe + "\n" + line + "\n")).isNotEmpty();
  }

  private static List<String> problems(String yaml) {
    List<String> problems = new ArrayList<>();
    check(YAMLMapper.builder().build().readTree(yaml), SCHEMA, "", problems);
    return problems;
  }

  /** The part of JSON Schema 2020-12 that the schema uses. */
  private static void check(JsonNode value, JsonNode schema, String path, List<String> problems) {
    schema.propertyNames().stream()
        .filter(keyword -> !holds(keyword, value, schema, path, problems))
        .forEach(keyword -> problems.add(path + ": " + keyword));
  }

  private static boolean holds(
      String keyword, JsonNode value, JsonNode schema, String path, List<String> problems) {
    JsonNode rule = schema.get(keyword);
    return switch (keyword) {
      case "$schema", "title", "description", "default" -> true;
      case "type" ->
          rule.isArray()
              ? rule.valueStream().anyMatch(type -> isType(value, type.asString()))
              : isType(value, rule.asString());
      case "enum" -> rule.valueStream().anyMatch(value::equals);
      case "minimum" -> !value.isNumber() || value.asDouble() >= rule.asDouble();
      case "exclusiveMinimum" -> !value.isNumber() || value.asDouble() > rule.asDouble();
      case "maximum" -> !value.isNumber() || value.asDouble() <= rule.asDouble();
      case "minItems" -> value.size() >= rule.asInt();
      case "maxItems" -> value.size() <= rule.asInt();
      case "pattern" -> Pattern.compile(rule.asString()).matcher(value.asString("")).find();
      case "required" -> rule.valueStream().allMatch(key -> value.has(key.asString()));
      case "additionalProperties" -> {
        if (rule.isBoolean()) {
          yield value.propertyNames().stream().allMatch(schema.get("properties")::has);
        }
        value.forEach(element -> check(element, rule, path + ".*", problems));
        yield true;
      }
      case "minProperties" -> !value.isObject() || value.size() >= rule.asInt();
      case "maxProperties" -> !value.isObject() || value.size() <= rule.asInt();
      case "propertyNames" ->
          value.propertyNames().stream()
              .allMatch(
                  name -> Pattern.compile(rule.get("pattern").asString()).matcher(name).find());
      case "items" -> {
        value.forEach(element -> check(element, rule, path + "[]", problems));
        yield true;
      }
      case "properties" -> {
        rule.propertyNames().stream()
            .filter(value::has)
            .forEach(key -> check(value.get(key), rule.get(key), path + "." + key, problems));
        yield true;
      }
      case "oneOf" ->
          rule.valueStream()
                  .filter(
                      one -> {
                        List<String> inner = new ArrayList<>();
                        check(value, one, path, inner);
                        return inner.isEmpty();
                      })
                  .count()
              == 1;
      default -> throw new AssertionError("keyword " + keyword);
    };
  }

  private static boolean isType(JsonNode value, String type) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      default -> false;
    };
  }

  @Test
  void everyKey_saysWhatItIs() {
    assertThat(SCHEMA.get("properties").valueStream())
        .allMatch(property -> !property.path("description").asString("").isBlank());
  }
}
