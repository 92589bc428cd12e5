package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The metadata of a GGUF file, which remember what was asked for of the architecture's keys, so
 * that what nobody asked for can be refused.
 */
final class GgufMetadata {
  private static final String ARCHITECTURE = "general.architecture";

  /** Keys of an architecture that change no number here. */
  private static final Set<String> INERT =
      Set.of(
          "vocab_size",
          "tensor_data_layout",
          "rope.scaling.finetuned",
          "rope.scaling.yarn_log_multiplier");

  private final Map<String, Object> values;
  private final String architecture;
  private final Set<String> read = new HashSet<>();

  GgufMetadata(Map<String, Object> values) {
    this.values = values;
    this.architecture =
        plainText(ARCHITECTURE)
            .orElseThrow(() -> bad("\"" + ARCHITECTURE + "\": missing (expected: a text)"));
  }

  String architecture() {
    return architecture;
  }

  boolean has(String key) {
    return values.containsKey(architecture + "." + key);
  }

  /** A whole number of the architecture; where a list has one for each layer, all are the same. */
  OptionalLong whole(String key) {
    Object found = value(key);
    if (found instanceof List<?> each
        && !each.isEmpty()
        && each.stream().allMatch(each.getFirst()::equals)) {
      found = each.getFirst();
    }
    return switch (found) {
      case null -> OptionalLong.empty();
      case Long whole -> OptionalLong.of(whole);
      default -> throw wrong(key, found, "a whole number, the same for each layer");
    };
  }

  /** A whole number of the architecture that must be there, from 1 to a limit. */
  long size(String key, long most) {
    return inRange(key, required(key), most);
  }

  /** The same, of a number that something else stands for where it is not there. */
  long size(String key, long otherwise, long most) {
    return inRange(key, whole(key).orElse(otherwise), most);
  }

  private long inRange(String key, long found, long most) {
    if (found < 1 || found > most) {
      throw wrong(key, found, "a whole number, 1 to " + most);
    }
    return found;
  }

  long required(String key) {
    return whole(key).orElseThrow(() -> bad(place(key) + ": missing (expected: a whole number)"));
  }

  /** A number of the architecture. */
  OptionalDouble number(String key) {
    return switch (value(key)) {
      case null -> OptionalDouble.empty();
      case Double number -> OptionalDouble.of(number);
      case Long whole -> OptionalDouble.of(whole);
      case Object other -> throw wrong(key, other, "a number");
    };
  }

  /** A text of the architecture. */
  Optional<String> text(String key) {
    return switch (value(key)) {
      case null -> Optional.empty();
      case String text -> Optional.of(text);
      case Object other -> throw wrong(key, other, "a text");
    };
  }

  /** A text under a whole key. */
  Optional<String> plainText(String key) {
    return Optional.ofNullable(values.get(key)).map(found -> as(key, found, String.class));
  }

  /** A whole number under a whole key. */
  OptionalLong plainWhole(String key) {
    Object found = values.get(key);
    return found == null ? OptionalLong.empty() : OptionalLong.of(as(key, found, Long.class));
  }

  /** A yes or no under a whole key. */
  boolean plainFlag(String key, boolean otherwise) {
    Object found = values.get(key);
    return found == null ? otherwise : as(key, found, Boolean.class);
  }

  /** A list under a whole key. */
  <T> List<T> plainList(String key, Class<T> type) {
    Object found = values.getOrDefault(key, List.of());
    if (!(found instanceof List<?> items)) {
      throw bad(key + ": " + shown(found) + " (expected: a list)");
    }
    return items.stream().map(item -> as(key, item, type)).toList();
  }

  /** Refuses the first key of the architecture that nobody asked for and that is not inert. */
  void requireAllRead() {
    if (value("attention.causal") instanceof Object causal && !Boolean.TRUE.equals(causal)) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: "
              + place("attention.causal")
              + ": "
              + shown(causal)
              + " (supported: true: a token sees only what stands before it)");
    }
    for (Map.Entry<String, Object> entry : values.entrySet()) {
      String key = entry.getKey();
      if (key.startsWith(architecture + ".")
          && !read.contains(key)
          && !INERT.contains(key.substring(architecture.length() + 1))
          && !Long.valueOf(0).equals(entry.getValue())) {
        throw new LatheException(
            ZooError.UNSUPPORTED,
            "gguf: "
                + key
                + ": "
                + shown(entry.getValue())
                + " (nothing is known of this key, and it may change what the model computes)");
      }
    }
  }

  private Object value(String key) {
    read.add(architecture + "." + key);
    return values.get(architecture + "." + key);
  }

  private static <T> T as(String key, Object found, Class<T> type) {
    if (!type.isInstance(found)) {
      throw bad(key + ": " + shown(found) + " (expected: a " + type.getSimpleName() + ")");
    }
    return type.cast(found);
  }

  private String place(String key) {
    return architecture + "." + key;
  }

  private LatheException wrong(String key, Object found, String expected) {
    return bad(place(key) + ": " + shown(found) + " (expected: " + expected + ")");
  }

  private static String shown(Object found) {
    String text = String.valueOf(found);
    return text.length() <= 60 ? text : text.substring(0, 57) + "…";
  }

  static LatheException bad(String message) {
    return new LatheException(ZooError.BAD_CONFIG, "gguf: " + message);
  }
}
