package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Adapters apart from their model, in the names and shapes of Hugging Face PEFT: {@code
 * base_model.model.<module>.lora_A.weight} FLOAT [r, I] and {@code ....lora_B.weight} FLOAT [O, r],
 * where a module is a weight's name without {@code .weight}. Written as safetensors, they are what
 * PEFT calls {@code adapter_model.safetensors}; rank and alpha are {@code r} and {@code lora_alpha}
 * of its {@code adapter_config.json}.
 *
 * @param alpha α; each adapter is multiplied by α over its own rank
 * @param tensors by name, two for each adapter
 */
public record AdapterWeights(double alpha, Map<String, Tensor> tensors) {
  /** What all names begin with. */
  public static final String PREFIX = "base_model.model.";

  /** Copies the map, keeping its order. */
  public AdapterWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    Settings.requireAbove0("alpha", alpha);
  }

  /**
   * Takes the adapters out of a model.
   *
   * @param adapted a model with adapters, all of one α
   * @return their values; the tensors are those of the model, not copies
   * @throws LatheException UNKNOWN_VALUE if it has none; UNSUPPORTED_FORM if they differ in α
   */
  public static AdapterWeights of(Model adapted) {
    Map<String, Tensor> initializers = adapted.graph().initializers();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    double alpha = Double.NaN;
    for (Adapter adapter : Adapter.require(adapted)) {
      Tensor down = initializers.get(adapter.down());
      double own = alpha(initializers.get(adapter.scale()), down.dim(0));
      if (!Double.isNaN(alpha) && alpha != own) {
        throw new LatheException(
            TransformError.UNSUPPORTED_FORM,
            "adapters with alpha " + alpha + " and " + own + " (expected: one alpha)");
      }
      alpha = own;
      tensors.put(PREFIX + adapter.down(), down);
      tensors.put(PREFIX + adapter.up(), initializers.get(adapter.up()));
    }
    return new AdapterWeights(alpha, tensors);
  }

  /** The scale is α/r, rounded; α itself is a number with few digits. */
  private static double alpha(Tensor scale, long rank) {
    return (float) (scale.doubleAt(0) * rank);
  }

  /**
   * The rank, as PEFT's configuration has it.
   *
   * @return r of the first adapter, 0 if there is none
   */
  public int rank() {
    return tensors.entrySet().stream()
        .filter(entry -> entry.getKey().endsWith(Adapter.DOWN))
        .findFirst()
        .map(entry -> Math.toIntExact(entry.getValue().dim(0)))
        .orElse(0);
  }

  /**
   * Puts the adapters on a model. They do not drop: {@link InsertAdapters#apply} makes adapters
   * that do.
   *
   * @param base a model whose weights have the names and shapes that the adapters were made for
   * @return the model with adapters
   * @throws LatheException UNKNOWN_VALUE for a name that fits no weight or has no partner,
   *     SHAPE_MISMATCH naming tensor, shape found and shape expected, UNSUPPORTED_FORM as by {@link
   *     InsertAdapters#apply}
   */
  public Model attach(Model base) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      String name = entry.getKey();
      String own = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
      if (own.endsWith(Adapter.DOWN)) {
        Adapter adapter = adapter(base, name, own);
        String partner = name.substring(0, name.length() - Adapter.DOWN.length()) + Adapter.UP;
        Tensor up = tensors.get(partner);
        if (up == null) {
          throw unknown(partner, "a tensor beside \"" + name + "\"");
        }
        requireShapes(base, adapter, entry.getValue(), up);
        values.put(adapter.down(), entry.getValue());
        values.put(adapter.up(), up);
      } else if (!own.endsWith(Adapter.UP)) {
        throw unknown(name, "a name that ends in " + Adapter.DOWN + " or " + Adapter.UP);
      }
    }
    if (tensors.size() != values.size() || values.isEmpty()) {
      throw unknown("adapters", "pairs of " + Adapter.DOWN + " and " + Adapter.UP);
    }
    return InsertAdapters.insert(base, values, alpha, 0);
  }

  private static Adapter adapter(Model base, String name, String own) {
    String stem = own.substring(0, own.length() - Adapter.DOWN.length());
    return Adapter.weight(stem, base.graph().initializers())
        .map(Adapter::new)
        .orElseThrow(() -> unknown(name, "an adapter of a weight of the model"));
  }

  private static void requireShapes(Model base, Adapter adapter, Tensor down, Tensor up) {
    Tensor weight = base.graph().initializers().get(adapter.weight());
    var sites = AdapterSite.all(base.graph().nodes(), adapter.weight());
    if (sites.isEmpty() || down.rank() == 0 || weight.type() != ElementType.FLOAT) {
      throw unknown(adapter.weight(), "a FLOAT weight of MatMul, Gemm or Conv");
    }
    AdapterSite site = sites.getFirst();
    site.require(weight, down.dim(0));
    requireShape(adapter.down(), down, site.downShape(weight, down.dim(0)));
    requireShape(adapter.up(), up, site.upShape(weight, down.dim(0)));
  }

  private static void requireShape(String name, Tensor found, long[] expected) {
    if (found.type() != ElementType.FLOAT || !Arrays.equals(found.dims(), expected)) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "adapter \""
              + name
              + "\": "
              + found
              + " (expected: FLOAT"
              + Arrays.toString(expected)
              + ")");
    }
  }

  private static LatheException unknown(String name, String expected) {
    return new LatheException(
        TransformError.UNKNOWN_VALUE, "\"" + name + "\" (expected: " + expected + ")");
  }
}
