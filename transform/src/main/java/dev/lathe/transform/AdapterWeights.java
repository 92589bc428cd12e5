package dev.lathe.transform;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Adapters apart from their model, in the names and shapes of Hugging Face PEFT: {@code
 * base_model.model.<module>.lora_A.weight} FLOAT [r, I] and {@code ....lora_B.weight} FLOAT [O, r],
 * where a module is a weight's name without {@code .weight}. Written as safetensors, they are what
 * PEFT calls {@code adapter_model.safetensors}; rank and alpha are {@code r} and {@code lora_alpha}
 * of its {@code adapter_config.json}.
 *
 * <p>For Conv with G groups A is [r, I, kernel...] here, with 0 for inputs of other groups, because
 * PEFT's A sees all inputs. A weight [V, D] of an embedding and a head has the names of PEFT's
 * embeddings, which tie the head (its {@code ensure_weight_tying}): {@code ....lora_embedding_A}
 * [r, V] and {@code ....lora_embedding_B} [D, r], the transposes of B and A. PEFT has no adapters
 * of ConvTranspose, and calls those of parameters with more than two axes by their module alone.
 *
 * @param alpha α; each adapter is multiplied by α over its own rank
 * @param tensors by name, two for each adapter
 */
public record AdapterWeights(double alpha, Map<String, Tensor> tensors) {
  /** What all names begin with. */
  public static final String PREFIX = "base_model.model.";

  private static final String EMBEDDED_A = ".lora_embedding_A";
  private static final String EMBEDDED_B = ".lora_embedding_B";
  private static final double ROUNDING = 1e-6;

  /** Copies the map, keeping its order. */
  public AdapterWeights {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
    Settings.requireAbove0("alpha", alpha);
  }

  /**
   * Takes the adapters out of a model.
   *
   * @param adapted a model with adapters, all of one α
   * @return their values; tensors of another shape than the model's are copies
   * @throws LatheException UNKNOWN_VALUE if it has none; UNSUPPORTED_FORM if they differ in α
   */
  public static AdapterWeights of(Model adapted) {
    Map<String, Tensor> initializers = adapted.graph().initializers();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    double alpha = Double.NaN;
    for (Adapter adapter : Adapter.require(adapted)) {
      Tensor down = initializers.get(adapter.down());
      AdapterForm form = AdapterSite.form(adapted.graph(), adapter.weight());
      double own = alpha(initializers.get(adapter.scale()), form.rankOf(down));
      if (Math.abs(own - alpha) > ROUNDING * alpha) {
        throw new LatheException(
            TransformError.UNSUPPORTED_FORM,
            "adapters with alpha " + alpha + " and " + own + " (expected: one alpha)");
      }
      alpha = Double.isNaN(alpha) ? own : alpha;
      Tensor up = initializers.get(adapter.up());
      if (isEmbedded(adapted, adapter)) {
        tensors.put(PREFIX + adapter.stem() + EMBEDDED_A, transposed(up));
        tensors.put(PREFIX + adapter.stem() + EMBEDDED_B, transposed(down));
      } else {
        tensors.put(PREFIX + adapter.down(), form.widened(down));
        tensors.put(PREFIX + adapter.up(), up);
      }
    }
    return new AdapterWeights(alpha, tensors);
  }

  /** The scale is α/r, rounded; α itself is a number with few digits. */
  private static double alpha(Tensor scale, long rank) {
    return (float) (scale.doubleAt(0) * rank);
  }

  private static boolean isEmbedded(Model model, Adapter adapter) {
    return AdapterSite.all(model.graph(), adapter.weight()).stream().anyMatch(AdapterSite::picks);
  }

  private static Tensor transposed(Tensor matrix) {
    int rows = Math.toIntExact(matrix.dim(0));
    int columns = Math.toIntExact(matrix.dim(1));
    float[] values = matrix.toFloats();
    float[] turned = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      turned[i % columns * rows + i / columns] = values[i];
    }
    return Tensor.ofFloats(turned, columns, rows);
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
    for (String name : tensors.keySet()) {
      String own = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
      if (own.endsWith(Adapter.DOWN)) {
        Adapter adapter = adapter(base, name, own, Adapter.DOWN);
        Tensor up = partner(name, Adapter.DOWN, Adapter.UP);
        values.put(adapter.down(), fitted(base, adapter, take(name), up));
        values.put(adapter.up(), up);
      } else if (own.endsWith(EMBEDDED_A)) {
        Adapter adapter = adapter(base, name, own, EMBEDDED_A);
        Tensor down = transposed(requireMatrix(name, partner(name, EMBEDDED_A, EMBEDDED_B)));
        Tensor up = transposed(requireMatrix(name, take(name)));
        values.put(adapter.down(), fitted(base, adapter, down, up));
        values.put(adapter.up(), up);
      } else if (!own.endsWith(Adapter.UP) && !own.endsWith(EMBEDDED_B)) {
        throw unknown(name, "a name that ends in " + Adapter.DOWN + " or " + Adapter.UP);
      }
    }
    if (tensors.size() != values.size() || values.isEmpty()) {
      throw unknown("adapters", "pairs of " + Adapter.DOWN + " and " + Adapter.UP);
    }
    return InsertAdapters.insert(base, values, alpha, 0);
  }

  private Tensor take(String name) {
    return Objects.requireNonNull(tensors.get(name));
  }

  private Tensor partner(String name, String end, String other) {
    String partner = name.substring(0, name.length() - end.length()) + other;
    if (!tensors.containsKey(partner)) {
      throw unknown(partner, "a tensor beside \"" + name + "\"");
    }
    return take(partner);
  }

  private static Tensor requireMatrix(String name, Tensor tensor) {
    if (tensor.rank() != 2 || tensor.type() != ElementType.FLOAT) {
      throw mismatch(name, tensor, "FLOAT with two axes");
    }
    return tensor;
  }

  private static Adapter adapter(Model base, String name, String own, String end) {
    String stem = own.substring(0, own.length() - end.length());
    return Adapter.weight(stem, base.graph().initializers())
        .map(Adapter::new)
        .orElseThrow(() -> unknown(name, "an adapter of a weight of the model"));
  }

  /** The part that reads the input as the weight has it, both parts having been looked at. */
  private static Tensor fitted(Model base, Adapter adapter, Tensor wide, Tensor up) {
    Tensor weight = base.graph().initializers().get(adapter.weight());
    AdapterForm form = AdapterSite.form(base.graph(), adapter.weight());
    if (weight.type() != ElementType.FLOAT) {
      throw unknown(adapter.weight(), "a FLOAT weight of MatMul, Gemm, Conv or ConvTranspose");
    }
    if (wide.rank() != form.downShape(1).length) {
      throw mismatch(adapter.down(), wide, wanted(form.wideShape(form.groups())));
    }
    boolean isWide = wide.type() == ElementType.FLOAT && form.isWide(wide);
    Tensor down = isWide ? form.narrowed(wide) : wide;
    if (isWide && !form.widened(down).sameContent(wide)) {
      throw mismatch(
          adapter.down(),
          wide,
          "0 for inputs of other groups, as the weight has no place for them");
    }
    long rank = form.rank(Math.max(form.rankOf(down), 1));
    requireShape(adapter.down(), down, form.downShape(rank));
    requireShape(adapter.up(), up, form.upShape(rank));
    return down;
  }

  private static void requireShape(String name, Tensor found, long[] expected) {
    if (found.type() != ElementType.FLOAT || !Arrays.equals(found.dims(), expected)) {
      throw mismatch(name, found, wanted(expected));
    }
  }

  private static String wanted(long[] dims) {
    return "FLOAT" + Arrays.toString(dims);
  }

  private static LatheException mismatch(String name, Tensor found, String expected) {
    return new LatheException(
        TransformError.SHAPE_MISMATCH,
        "adapter \"" + name + "\": " + found + " (expected: " + expected + ")");
  }

  private static LatheException unknown(String name, String expected) {
    return new LatheException(
        TransformError.UNKNOWN_VALUE, "\"" + name + "\" (expected: " + expected + ")");
  }
}
