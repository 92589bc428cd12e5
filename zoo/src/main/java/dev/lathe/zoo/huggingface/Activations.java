package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.LatheException;
import dev.lathe.zoo.ZooError;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** What happens to each feature between two layers, by Hugging Face's names. */
final class Activations {
  private static final Map<String, BiFunction<Draft, String, String>> ALL =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("silu", Activations::silu),
              Map.entry("swish", Activations::silu),
              Map.entry("gelu", (draft, x) -> draft.add("Gelu", x)),
              Map.entry("gelu_python", (draft, x) -> draft.add("Gelu", x)),
              Map.entry("gelu_new", Activations::geluByTanh),
              Map.entry("gelu_fast", Activations::geluByTanh),
              Map.entry("gelu_pytorch_tanh", Activations::geluByTanh),
              Map.entry("quick_gelu", Activations::quickGelu),
              Map.entry("relu", (draft, x) -> draft.add("Relu", x)),
              Map.entry("relu2", Activations::squaredRelu),
              Map.entry("tanh", (draft, x) -> draft.add("Tanh", x)),
              Map.entry("sigmoid", (draft, x) -> draft.add("Sigmoid", x)),
              Map.entry("mish", (draft, x) -> draft.add("Mish", x)),
              Map.entry("hardswish", (draft, x) -> draft.add("HardSwish", x))));

  private Activations() {}

  /**
   * The name in a config.
   *
   * @param config the config
   * @param key the field
   * @param usual what holds if the field is not there
   */
  static String named(Config config, String key, String usual) {
    return known(config.place(key), config.text(key).orElse(usual));
  }

  /** A name that is known, or an error that says where it was found. */
  static String known(String place, String name) {
    if (!ALL.containsKey(name)) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          place + ": \"" + name + "\" (supported: " + String.join(", ", ALL.keySet()) + ")");
    }
    return name;
  }

  /** Adds the nodes of an activation that {@link #named} gave. */
  static String add(Draft draft, String name, String x) {
    return ALL.get(name).apply(draft, x);
  }

  private static String silu(Draft draft, String x) {
    return draft.add("Mul", x, draft.add("Sigmoid", x));
  }

  private static String geluByTanh(Draft draft, String x) {
    return draft.add("Gelu", Map.of("approximate", Attribute.of("tanh")), x);
  }

  private static String quickGelu(Draft draft, String x) {
    return draft.add("Mul", x, draft.add("Sigmoid", draft.add("Mul", x, draft.number(1.702))));
  }

  private static String squaredRelu(Draft draft, String x) {
    String positive = draft.add("Relu", x);
    return draft.add("Mul", positive, positive);
  }
}
