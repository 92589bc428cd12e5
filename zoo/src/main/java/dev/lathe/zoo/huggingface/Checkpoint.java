package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.zoo.HuggingFace;
import dev.lathe.zoo.ZooError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
    if (!Files.isDirectory(folder)) {
      throw new LatheException(ZooError.NO_FILE, folder + ": no such folder");
    }
    Config config = Config.read(folder.resolve(Config.FILE));
    Family family = Families.of(config);
    Plan plan = family.reader().apply(config);
    config.requireAllRead(family.inert());
    Weights weights = Weights.open(folder);
    Model model = plan.build(weights);
    weights.requireAllTaken(family.inert());
    List<Path> files = BESIDE.stream().map(folder::resolve).filter(Files::isRegularFile).toList();
    return new HuggingFace(model, family.task(), family.architecture(), files);
  }
}
