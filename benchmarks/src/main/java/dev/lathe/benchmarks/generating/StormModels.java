package dev.lathe.benchmarks.generating;

import dev.lathe.benchmarks.serving.Store;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.EncoderDecoder;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import dev.lathe.zoo.Mlp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * The storm's models, with random weights: two versions of a decoder that chats, adapters of the
 * first, an encoder with a decoder that translates, and a network for numbers.
 */
final class StormModels {
  static final String CHAT = "storm/chat";
  static final String WRITER = "storm/writer";
  static final String NUMBERS = "storm/numbers";

  /** Adapters, of which the server has room for fewer. */
  static final int ADAPTERS = 6;

  /** The most tokens of a text. */
  static final int CONTEXT = 768;

  private static final int WIDTH = 64;
  private static final int LAYERS = 2;
  private static final int RANK = 4;
  private static final int SENTENCE = 64;

  private StormModels() {}

  static String adapter(int number) {
    return "storm/a" + number;
  }

  /** Publishes all, and makes the first version of each live. */
  static void publish(Store store) throws IOException {
    try (Registry registry = Registry.open(store.data().resolve("registry"))) {
      for (int version = 1; version <= 2; version++) {
        registry.publish(ModelName.parse(CHAT), chat(version));
      }
      EncoderDecoder writer =
          new EncoderDecoder(StormFiles.vocabulary(), SENTENCE, 32, 1, 2, 64, 0);
      registry.publish(
          ModelName.parse(WRITER),
          release("translation", writer.build(5), StormFiles.translation(SENTENCE)));
      Model numbers = new Mlp(64, List.of(64), 4, Activation.RELU).build(6);
      registry.publish(ModelName.parse(NUMBERS), release("regression", numbers, Map.of()));
      for (int i = 0; i < ADAPTERS; i++) {
        registry.publish(ModelName.parse(adapter(i)), adapter(store.data(), i));
        registry.deploy(ModelName.parse(adapter(i)), "v1", "prod");
      }
      for (String name : List.of(CHAT, WRITER, NUMBERS)) {
        registry.deploy(ModelName.parse(name), "v1", "prod");
      }
    }
  }

  private static Release chat(int seed) {
    Llama.Size size = new Llama.Size(WIDTH, 96, LAYERS, 4, 2);
    Llama chat =
        new Llama(StormFiles.vocabulary(), CONTEXT, size, Llama.Constants.STANDARD, Gpt.Head.OWN);
    return release("text-generation", chat.build(seed), StormFiles.chat());
  }

  private static Release release(String task, Model model, Map<String, String> files) {
    Metadata metadata =
        new Metadata(task, List.of(), Signature.of(model), lineage(List.of()), Map.of());
    Release release = Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "For the storm");
    for (Map.Entry<String, String> file : files.entrySet()) {
      release = release.with(file.getKey(), Content.of(file.getValue()));
    }
    return release;
  }

  private static Lineage lineage(List<String> parents) {
    return new Lineage("build", parents, "", List.of(), Map.of(), 1, "benchmark", Instant.EPOCH);
  }

  private static Release adapter(Path scratch, int number) throws IOException {
    SplittableRandom random = new SplittableRandom(100 + number);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < LAYERS; i++) {
      String layer = "base_model.model.model.layers." + i + ".self_attn.v_proj";
      tensors.put(layer + ".lora_A.weight", random(random, RANK, WIDTH));
      tensors.put(layer + ".lora_B.weight", random(random, WIDTH / 2, RANK));
    }
    Path weights = scratch.resolve("a" + number + ".safetensors");
    Safetensors.write(weights, tensors, Map.of());
    SortedMap<String, Content> files = new TreeMap<>();
    files.put("adapter_model.safetensors", Content.of(Files.readAllBytes(weights)));
    files.put(
        "adapter_config.json",
        Content.of(
            "{\"peft_type\": \"LORA\", \"r\": %d, \"lora_alpha\": 32, \"bias\": \"none\"}"
                .formatted(RANK)));
    Metadata metadata =
        new Metadata(
            Metadata.ADAPTER_TASK,
            List.of(),
            Metadata.NONE.signature(),
            lineage(List.of(CHAT + "@v1")));
    return new Release(files, metadata, "For the storm");
  }

  private static Tensor random(SplittableRandom random, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5) / 4;
    }
    return Tensor.ofFloats(values, rows, columns);
  }
}
