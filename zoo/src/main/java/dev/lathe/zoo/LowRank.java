package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.huggingface.PeftFolder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A low-rank adapter (LoRA) apart from the model that it was made for: {@code y = x·Wᵀ + s ·
 * x·Aᵀ·Bᵀ} for some of its layers. Read from a folder as PEFT saves it, or with the file of
 * adapters that a training run here has released.
 *
 * @param base what the folder says that it was made for, such as {@code meta-llama/Llama-3.2-1B};
 *     empty if it does not say
 * @param layers by the name of the layer in the model, such as {@code
 *     model.layers.0.self_attn.q_proj}
 * @param files the files that it was read from
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al., LoRA: Low-Rank Adaptation of Large
 *     Language Models</a>
 */
public record LowRank(String base, Map<String, Factors> layers, List<Path> files) {
  /** The largest rank. */
  public static final int MOST_RANK = 512;

  /**
   * The adapter of one layer. Letters: I inputs, O outputs, r rank.
   *
   * @param down A, FLOAT [r, I]
   * @param up B, FLOAT [O, r]
   * @param scale s
   */
  public record Factors(Tensor down, Tensor up, double scale) {
    /**
     * How many directions it can change.
     *
     * @return r
     */
    public int rank() {
      return Math.toIntExact(down.dim(0));
    }
  }

  /** Copies the collections, keeping their order. */
  public LowRank {
    layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    files = List.copyOf(files);
  }

  /**
   * Whether a folder holds an adapter and no model.
   *
   * @param folder any folder
   * @return true if {@link #read} is the way to read it
   */
  public static boolean isIn(Path folder) {
    return PeftFolder.isIn(folder);
  }

  /**
   * The files of a folder that an adapter is read from.
   *
   * @param folder any folder
   * @return plain names; none if there is no adapter
   */
  public static List<String> namesIn(Path folder) {
    return PeftFolder.names(folder);
  }

  /**
   * Reads a folder. Nothing is passed over: what would change the mathematics, such as DoRA, biases
   * or whole layers that were trained with it, is refused by name.
   *
   * @param folder with {@code adapter_config.json} and {@code adapter_model.safetensors}, or with
   *     {@code adapters.safetensors}; nobody may change its files while the adapter is in use
   * @return the adapter
   * @throws LatheException NO_FILE or UNREADABLE for files; UNSUPPORTED, naming it, for a field or
   *     a tensor that is not known or changes what is computed; BAD_CONFIG or BAD_WEIGHTS for what
   *     is wrong in itself, a number that is none among it
   */
  public static LowRank read(Path folder) {
    return PeftFolder.read(folder);
  }

  /**
   * What its numbers take of the memory.
   *
   * @return bytes
   */
  public long bytes() {
    return layers.values().stream()
        .mapToLong(factors -> factors.down().byteSize() + factors.up().byteSize())
        .sum();
  }

  /**
   * The largest rank among the layers.
   *
   * @return from 1
   */
  public int rank() {
    return layers.values().stream().mapToInt(Factors::rank).max().orElseThrow();
  }
}
