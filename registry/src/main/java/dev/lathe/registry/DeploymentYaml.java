package dev.lathe.registry;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/**
 * Reads and writes a {@link DeploymentPlan}. What is written is what was said and no more, in the
 * order of the records, so that the same plan is always the same bytes.
 */
final class DeploymentYaml {
  /** The path of the only file of an environment's branch. */
  static final String PATH = "deployment.yaml";

  /** The longest text that is read, in characters. */
  private static final int LIMIT = 256 << 10;

  private static final int MOST_SETTINGS = 100;

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
          .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .changeDefaultPropertyInclusion(
              standard -> standard.withValueInclusion(JsonInclude.Include.NON_EMPTY))
          .changeDefaultNullHandling(
              standard -> JsonSetter.Value.forValueNulls(Nulls.AS_EMPTY, Nulls.FAIL))
          .build();

  /** Sections whose absence is what one word says. */
  private static final Map<String, String> ABSENT =
      Map.of(
          "/version_policy", "all",
          "/serving/max_delay_micros", "auto",
          "/serving/instances", "auto");

  private DeploymentYaml() {}

  static String text(DeploymentPlan plan) {
    return YAML.writeValueAsString(plan);
  }

  /**
   * Reads a plan that the registry holds.
   *
   * @throws LatheException CORRUPT, saying where
   */
  static DeploymentPlan stored(byte[] bytes, String where) {
    try {
      return parse(new String(bytes, StandardCharsets.UTF_8), where);
    } catch (LatheException e) {
      throw new LatheException(RegistryError.CORRUPT, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Reads a plan.
   *
   * @throws LatheException BAD_DEPLOYMENT, saying where
   */
  static DeploymentPlan parse(String text, String where) {
    if (text.length() > LIMIT) {
      throw bad(where, text.length() + " characters (expected: at most " + LIMIT + ")", null);
    }
    try {
      return read(YAML.readTree(text), where);
    } catch (JacksonException e) {
      throw bad(where, "not valid YAML: " + firstLine(e), e);
    }
  }

  static DeploymentPlan with(DeploymentPlan plan, Map<String, String> settings) {
    if (settings.size() > MOST_SETTINGS) {
      throw bad("settings", settings.size() + " (expected: at most " + MOST_SETTINGS + ")", null);
    }
    ObjectNode root = (ObjectNode) YAML.readTree(text(plan));
    settings.forEach((key, value) -> set(root, key, value));
    return read(root, "settings");
  }

  private static void set(ObjectNode root, String key, String value) {
    String[] path = key.split("\\.", -1);
    if (path.length > 6 || key.length() > 200) {
      throw bad("settings", "unknown key " + Names.quote(key), null);
    }
    ObjectNode at = root;
    for (int i = 0; i < path.length - 1; i++) {
      JsonNode next = at.get(path[i]);
      at = next instanceof ObjectNode inner ? inner : at.putObject(path[i]);
    }
    String last = path[path.length - 1];
    if (value.isEmpty()) {
      at.remove(last);
    } else {
      at.set(last, value(key, value));
    }
  }

  private static JsonNode value(String key, String text) {
    try {
      return YAML.readTree(text);
    } catch (JacksonException e) {
      throw bad(key, Names.quote(text) + " (expected: a value in YAML)", e);
    }
  }

  private static DeploymentPlan read(JsonNode tree, String where) {
    if (!(tree instanceof ObjectNode root)) {
      throw bad(where, "no mapping (expected: at least the key live)", null);
    }
    if (!root.path("live").isString()) {
      throw bad(where, "live: missing (expected: a version, such as v2)", null);
    }
    ABSENT.forEach((path, word) -> dropIfSaid(root, path, word));
    dropEmpty(root);
    try {
      return YAML.treeToValue(root, DeploymentPlan.class);
    } catch (UnrecognizedPropertyException e) {
      throw bad(where, unknown(e), e);
    } catch (MismatchedInputException e) {
      throw bad(where, mismatch(e), e);
    } catch (JacksonException e) {
      throw e.getCause() instanceof LatheException known
          ? bad(where, String.valueOf(known.getMessage()), e)
          : bad(where, path(e) + ": " + firstLine(e), e);
    }
  }

  /** A section of which nothing is said is absent. */
  private static void dropEmpty(ObjectNode mapping) {
    for (String key : List.copyOf(mapping.propertyNames())) {
      if (mapping.get(key) instanceof ObjectNode inner) {
        dropEmpty(inner);
        if (inner.isEmpty()) {
          mapping.remove(key);
        }
      }
    }
  }

  private static void dropIfSaid(ObjectNode root, String path, String word) {
    int slash = path.lastIndexOf('/');
    if (root.at(path).asString("").equals(word)
        && root.at(path.substring(0, slash)) instanceof ObjectNode parent) {
      parent.remove(path.substring(slash + 1));
    }
  }

  private static String unknown(UnrecognizedPropertyException e) {
    Collection<Object> ids = Optional.ofNullable(e.getKnownPropertyIds()).orElse(List.of());
    List<String> known = ids.stream().map(String::valueOf).sorted().toList();
    return "unknown key \""
        + path(e)
        + "\" ("
        + Nearest.hint(e.getPropertyName(), known)
        + "known: "
        + String.join(", ", known)
        + ")";
  }

  private static String mismatch(MismatchedInputException e) {
    if (e.getCause() instanceof LatheException known) {
      return String.valueOf(known.getMessage());
    }
    Class<?> type = Optional.<Class<?>>ofNullable(e.getTargetType()).orElse(Object.class);
    return path(e) + ": a value of another kind (expected: " + kind(type) + ")";
  }

  private static String kind(Class<?> type) {
    if (type == Integer.class || type == Long.class) {
      return "a whole number";
    }
    if (type == Double.class) {
      return "a number";
    }
    if (type == Boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "text";
    }
    return type == List.class ? "a list" : "a mapping";
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder();
    for (JacksonException.Reference step : e.getPath()) {
      String name = step.getPropertyName();
      path.append(name == null ? "[" + step.getIndex() + "]" : path.isEmpty() ? name : "." + name);
    }
    return path.toString();
  }

  private static String firstLine(JacksonException e) {
    return e.getOriginalMessage().lines().findFirst().orElse("malformed");
  }

  private static LatheException bad(String where, String what, @Nullable Throwable cause) {
    return new LatheException(RegistryError.BAD_DEPLOYMENT, where + ": " + what, cause);
  }
}
