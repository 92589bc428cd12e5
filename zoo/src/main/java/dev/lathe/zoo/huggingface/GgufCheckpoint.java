package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.Gguf;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.ZooError;
import dev.lathe.zoo.huggingface.Decoder.Norms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A GGUF file, read as the checkpoint that it was made from. */
public final class GgufCheckpoint {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private GgufCheckpoint() {}

  /**
   * Reads a file.
   *
   * @param file the file
   * @param folder an empty folder, for what goes beside the model and for weights; it must live as
   *     long as the model
   * @return the model and what belongs to it
   * @throws LatheException as {@link HuggingFace#readGguf} says
   */
  public static HuggingFace read(Path file, Path folder) {
    Gguf gguf = Gguf.open(file);
    GgufMetadata metadata = new GgufMetadata(gguf.metadata());
    if (metadata.plainWhole("split.count").orElse(1) > 1) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          file.getFileName() + ": one of several files (supported: a model in one file)");
    }
    Map<String, Object> fields = new GgufConfig(gguf, metadata).read();
    GgufTokenizer tokenizer = GgufTokenizer.read(metadata);
    Map<String, String> beside = new LinkedHashMap<>(tokenizer.files());
    if (!tokenizer.ends().isEmpty()) {
      fields.put("eos_token_id", tokenizer.ends());
    }
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(fields);
    Config config = Config.parse(text, "gguf");
    Family family = Families.of(config);
    Plan plan = family.reader().apply(config);
    config.requireAllRead(family.inert());
    Weights weights =
        Weights.of(
            GgufTensors.named(gguf, metadata.architecture(), heads(fields)),
            Widen.into(folder.resolve("wide.bin")));
    Model model = asStored(plan).build(weights);
    weights.requireAllTaken(family.inert());
    beside.put(Config.FILE, text);
    List<Path> files = new ArrayList<>();
    beside.forEach((name, content) -> files.add(write(folder.resolve(name), content)));
    return new HuggingFace(model, family.task(), family.architecture(), List.of(), files);
  }

  private static GgufTensors.Heads heads(Map<String, Object> fields) {
    long queries = (Long) fields.getOrDefault("num_attention_heads", 1L);
    long keys = (Long) fields.getOrDefault("num_key_value_heads", queries);
    return new GgufTensors.Heads(Math.toIntExact(queries), Math.toIntExact(keys));
  }

  /**
   * Scales of normalization are whole here, also where the checkpoint stores differences from 1.
   */
  private static Plan asStored(Plan plan) {
    if (!(plan instanceof Decoder decoder)) {
      return plan;
    }
    Norms norms = new Norms(decoder.norms().epsilon(), false, decoder.norms().around());
    return new Decoder(
        decoder.sizes(),
        decoder.heads(),
        decoder.feed(),
        norms,
        decoder.scales(),
        decoder.layers(),
        decoder.tied());
  }

  private static Path write(Path file, String content) {
    try {
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new LatheException(
          ZooError.UNREADABLE, file + ": cannot be written: " + e.getMessage(), e);
    }
  }
}
