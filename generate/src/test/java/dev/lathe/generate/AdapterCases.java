package dev.lathe.generate;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.transform.AdapterSlots;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.LowRank;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;

/** Adapters of random numbers as PEFT saves them, and the models that they make of a base. */
final class AdapterCases {
  /** What names begin with where weights lie as [I, O]. */
  private static final String GPT2 = "transformer.";

  private AdapterCases() {}

  /** How an adapter is made. */
  record Wish(long seed, int rank, double alpha, Predicate<String> layers) {
    static Wish of(long seed, int rank, String... ends) {
      return new Wish(
          seed, rank, 2.0 * rank, layer -> List.of(ends).stream().anyMatch(layer::endsWith));
    }
  }

  /** Writes the base into a folder as a version has it. */
  static Path base(HuggingFace read, Path folder) throws IOException {
    Files.createDirectories(folder);
    OnnxFile.write(read.model(), folder.resolve("model.onnx"));
    return folder;
  }

  /** Writes an adapter as PEFT does: config and safetensors. */
  static LowRank peft(Model base, Wish wish, Path folder) {
    try {
      Files.createDirectories(folder);
      Random random = new Random(wish.seed());
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      AdapterSlots.sites(CachedDecoder.of(base).model()).values().stream()
          .filter(site -> wish.layers().test(site.module()))
          .forEach(
              site -> {
                String name = "base_model.model." + site.module();
                tensors.put(
                    name + ".lora_A.weight", random(random, wish.rank(), site.inputs(), 0.3f));
                tensors.put(
                    name + ".lora_B.weight", random(random, site.outputs(), wish.rank(), 0.3f));
              });
      Safetensors.write(folder.resolve("adapter_model.safetensors"), tensors, Map.of());
      Files.writeString(
          folder.resolve("adapter_config.json"),
          "{\"peft_type\": \"LORA\", \"task_type\": \"CAUSAL_LM\", \"r\": "
              + wish.rank()
              + ", \"lora_alpha\": "
              + wish.alpha()
              + ", \"bias\": \"none\", \"use_dora\": false, \"modules_to_save\": null,"
              + " \"base_model_name_or_path\": \"org/base\"}");
      return LowRank.read(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tensor random(Random random, int rows, int columns, float most) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = most * (2 * random.nextFloat() - 1);
    }
    return Tensor.ofFloats(values, rows, columns);
  }

  /** The base with an adapter in its weights: W + s · B·A, in double precision. */
  static Model merged(Model base, LowRank adapter) {
    Map<String, Tensor> weights = new LinkedHashMap<>(base.graph().initializers());
    adapter
        .layers()
        .forEach(
            (layer, factors) ->
                weights.computeIfPresent(
                    layer + ".weight", (name, w) -> merged(w, factors, name.startsWith(GPT2))));
    return base.withGraph(base.graph().withInitializers(weights));
  }

  private static Tensor merged(Tensor weight, LowRank.Factors factors, boolean turned) {
    float[] w = weight.toFloats();
    float[] a = factors.down().toFloats();
    float[] b = factors.up().toFloats();
    int inputs = (int) factors.down().dim(1);
    int outputs = (int) factors.up().dim(0);
    int rank = factors.rank();
    for (int o = 0; o < outputs; o++) {
      for (int i = 0; i < inputs; i++) {
        double sum = 0;
        for (int k = 0; k < rank; k++) {
          sum += (double) b[o * rank + k] * a[k * inputs + i];
        }
        int at = turned ? i * outputs + o : o * inputs + i;
        w[at] = (float) (w[at] + factors.scale() * sum);
      }
    }
    return Tensor.of(ElementType.FLOAT, weight.dims(), Tensor.ofFloats(w, weight.dims()).data());
  }

  /** The tokens of an answer. */
  static List<Integer> tokens(TextStream stream) {
    try (stream) {
      List<Integer> tokens = new ArrayList<>();
      for (Optional<GenerateEvent> event = stream.next();
          event.isPresent();
          event = stream.next()) {
        if (event.get() instanceof GenerateEvent.Token token) {
          tokens.add(token.token());
        }
      }
      return tokens;
    }
  }

  /** What is wrong with a folder. */
  static LatheException refusal(Path folder) {
    try {
      LowRank.read(folder);
    } catch (LatheException e) {
      return e;
    }
    throw new AssertionError(folder + " was read");
  }
}
