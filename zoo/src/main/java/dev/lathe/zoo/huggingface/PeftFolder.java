package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.zoo.LowRank;
import dev.lathe.zoo.ZooError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A folder with a LoRA adapter, as PEFT saves it, or as a training run here has released it. */
public final class PeftFolder {
  private static final String WEIGHTS = "adapter_model.safetensors";

  /** The file of adapters beside a model that was trained here; rank and alpha are in it. */
  private static final String OWN = "adapters.safetensors";

  private static final String ROOT = "base_model.model.";
  private static final String DOWN = ".lora_A.weight";
  private static final String UP = ".lora_B.weight";
  private static final int MOST_LAYERS = 1 << 16;

  private final Map<String, Tensor> tensors;

  private PeftFolder(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /**
   * Whether a folder holds an adapter and no model.
   *
   * @param folder any folder
   * @return true if {@link #read} is the way to read it
   */
  public static boolean isIn(Path folder) {
    boolean model =
        Shards.files(folder).stream().anyMatch(name -> Files.exists(folder.resolve(name)))
            || Files.exists(folder.resolve("model.onnx"));
    return !model && !names(folder).isEmpty();
  }

  /**
   * The files of a folder that an adapter is read from.
   *
   * @param folder any folder
   * @return plain names, the config among them or a file that needs none; none if there is neither
   */
  public static List<String> names(Path folder) {
    boolean peft = Files.isRegularFile(folder.resolve(PeftConfig.FILE));
    return (peft ? List.of(PeftConfig.FILE, WEIGHTS) : List.of(OWN))
        .stream().filter(name -> Files.isRegularFile(folder.resolve(name))).toList();
  }

  /**
   * Reads a folder.
   *
   * @param folder the folder
   * @return the adapter
   * @throws LatheException as {@link LowRank#read} says
   */
  public static LowRank read(Path folder) {
    Path config = folder.resolve(PeftConfig.FILE);
    if (!Files.isRegularFile(config) && Files.isRegularFile(folder.resolve(OWN))) {
      Path file = folder.resolve(OWN);
      Safetensors stored = Safetensors.open(file);
      PeftConfig own = PeftConfig.ofRun(stored.metadata());
      return new LowRank("", new PeftFolder(stored.tensors()).layers(own), List.of(file));
    }
    PeftConfig read = PeftConfig.read(Config.read(config));
    Path file = folder.resolve(WEIGHTS);
    if (!Files.isRegularFile(file)) {
      throw new LatheException(
          ZooError.NO_FILE, folder + ": no " + WEIGHTS + " (expected: weights as safetensors)");
    }
    Map<String, Tensor> tensors = Safetensors.open(file).tensors();
    return new LowRank(read.base(), new PeftFolder(tensors).layers(read), List.of(config, file));
  }

  private Map<String, LowRank.Factors> layers(PeftConfig config) {
    Weights weights = Weights.of(tensors);
    Map<String, LowRank.Factors> layers = new LinkedHashMap<>();
    for (String name : Set.copyOf(tensors.keySet()).stream().sorted().toList()) {
      if (name.startsWith(ROOT) && name.endsWith(DOWN)) {
        String layer = name.substring(ROOT.length(), name.length() - DOWN.length());
        layers.put(layer, factors(weights, layer, config));
      }
    }
    weights.requireAllTaken(Inert.NOTHING);
    if (layers.isEmpty() || layers.size() > MOST_LAYERS) {
      throw Weights.bad(
          layers.size()
              + " adapted layers (expected: 1 to "
              + MOST_LAYERS
              + ", each with "
              + ROOT
              + "<layer>"
              + DOWN
              + " and "
              + UP
              + ")");
    }
    return layers;
  }

  private LowRank.Factors factors(Weights weights, String layer, PeftConfig config) {
    String down = ROOT + layer + DOWN;
    String up = ROOT + layer + UP;
    double rank = config.rank(layer);
    if (rank != Math.rint(rank) || rank > LowRank.MOST_RANK) {
      throw Config.bad(
          "rank of "
              + layer
              + ": "
              + rank
              + " (expected: a whole number, at most "
              + LowRank.MOST_RANK
              + ")");
    }
    Tensor a = finite(down, weights.take(down, (long) rank, last(down, tensors.get(down), 1)));
    Tensor b = finite(up, weights.take(up, last(up, tensors.get(up), 0), (long) rank));
    return new LowRank.Factors(a, b, config.scale(layer));
  }

  /** The size that only the model can tell to be right. */
  private static long last(String name, @org.jspecify.annotations.Nullable Tensor found, int axis) {
    if (found == null) {
      throw Weights.bad("tensor \"" + name + "\": missing (expected: the layer's other part)");
    }
    if (found.rank() != 2) {
      throw new LatheException(
          ZooError.UNSUPPORTED, "tensor \"" + name + "\": " + found + " (supported: two axes)");
    }
    return found.dim(axis);
  }

  private static Tensor finite(String name, Tensor tensor) {
    for (long i = 0; i < tensor.size(); i++) {
      if (!Double.isFinite(tensor.doubleAt(i))) {
        throw Weights.bad(
            "tensor \"" + name + "\": " + tensor.doubleAt(i) + " (expected: finite numbers)");
      }
    }
    return tensor;
  }
}
