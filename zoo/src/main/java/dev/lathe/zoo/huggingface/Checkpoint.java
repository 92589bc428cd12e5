package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.HuggingFace.Task;
import dev.lathe.zoo.ZooError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A folder as Hugging Face's libraries save it. */
public final class Checkpoint {
  /** What goes beside the model as it is: what the tokens are, how to talk and to generate. */
  private static final List<String> BESIDE =
      List.of(
          Config.FILE,
          "generation_config.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "vocab.txt",
          "tokenizer.model",
          "source.spm",
          "target.spm",
          "chat_template.jinja",
          "chat_template.json",
          "modules.json",
          "1_Pooling/config.json",
          "sentence_bert_config.json",
          "config_sentence_transformers.json",
          "LICENSE",
          "LICENSE.txt",
          "NOTICE");

  private Checkpoint() {}

  /**
   * Reads a folder.
   *
   * @param folder the folder
   * @return the model and what belongs to it
   * @throws LatheException as {@link HuggingFace#read} says
   */
  public static HuggingFace read(Path folder) {
    return read(folder, Widen.inMemory());
  }

  /**
   * Reads a folder.
   *
   * @param folder the folder
   * @param wide a file, not there yet, for weights that become wider; it must live as long as the
   *     model
   * @return the model and what belongs to it
   * @throws LatheException as {@link HuggingFace#read} says
   */
  public static HuggingFace read(Path folder, Path wide) {
    return read(folder, Widen.into(wide));
  }

  /**
   * Reads a folder whose weights are in a graph that an exporter wrote.
   *
   * @param folder the folder, with the config
   * @param graph the ONNX file
   * @param wide as for {@link #read(Path, Path)}
   * @return the model and what belongs to it
   * @throws LatheException as {@link HuggingFace#readExported} says
   */
  public static HuggingFace readExported(Path folder, Path graph, Path wide) {
    return read(folder, () -> Weights.of(ExportedWeights.read(graph), Widen.into(wide)), _ -> true);
  }

  private static HuggingFace read(Path folder, Widen widen) {
    return read(folder, () -> Weights.open(folder, widen), _ -> false);
  }

  /** Where weights come from, and which tensors need no reader. */
  private static HuggingFace read(Path folder, Supplier<Weights> source, Predicate<String> spare) {
    if (!Files.isDirectory(folder)) {
      throw new LatheException(ZooError.NO_FILE, folder + ": no such folder");
    }
    Config config = Config.read(folder.resolve(Config.FILE));
    Family family = Families.of(config);
    config.requireNoOwnCode(family.architecture());
    Plan plan = family.reader().apply(config);
    List<String> labels = labels(config, family.task());
    config.requireAllRead(family.inert());
    Weights weights = source.get();
    Model model = plan.build(weights);
    weights.left().stream().filter(spare).toList().forEach(weights::pass);
    weights.requireAllTaken(family.inert());
    List<Path> files = BESIDE.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
    return new HuggingFace(model, family.task(), family.architecture(), labels, files);
  }

  /** The names of what is read or kept, but for the weights. */
  public static List<String> smallFiles() {
    return Stream.concat(BESIDE.stream(), Stream.of(Shards.INDEX)).toList();
  }

  /**
   * The names of the files with the weights.
   *
   * @param folder the folder, with the index if there is one
   * @return one name, or those of the index
   */
  public static List<String> weightFiles(Path folder) {
    return Shards.files(folder);
  }

  /** Names by number, where the config has one for each. */
  private static List<String> labels(Config config, Task task) {
    if (task != Task.TEXT_CLASSIFICATION && task != Task.TOKEN_CLASSIFICATION) {
      return List.of();
    }
    Optional<Config> names = config.part("id2label");
    List<String> labels = new ArrayList<>();
    for (int i = 0; names.isPresent() && i < names.get().keys().size(); i++) {
      String key = Integer.toString(i);
      labels.add(
          names.get().text(key).orElseThrow(() -> names.get().missing(key, "the name of a class")));
    }
    return labels;
  }
}
