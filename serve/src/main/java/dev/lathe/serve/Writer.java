package dev.lathe.serve;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The encoder and the decoder of a version that writes a text for a text.
 *
 * @param model in memory; empty if the version has none
 * @param problem why it has none
 */
record Writer(Optional<SequenceModel> model, String problem) implements AutoCloseable {
  private static final List<String> FILES = List.of(WritingRules.FILE, "config.json");
  private static final long LARGEST = 16 << 20;

  /** No writer. */
  static final Writer NONE =
      new Writer(
          Optional.empty(), "expected: a model of an encoder and a decoder with its settings");

  /**
   * The writer that a graph and the files beside it make.
   *
   * @param model the version's graph, with a source and a target so far
   * @param folder its files
   * @param options how it uses the machine
   * @return a writer, or none with the reason, where graph or settings make none
   */
  static Writer open(Model model, Path folder, SessionOptions options) {
    try {
      WritingRules rules = WritingRules.parse(files(folder));
      return new Writer(Optional.of(SequenceModel.open(model, rules, options)), "");
    } catch (LatheException e) {
      return new Writer(Optional.empty(), String.valueOf(e.getMessage()));
    }
  }

  private static Map<String, String> files(Path folder) {
    Map<String, String> files = new HashMap<>();
    try {
      for (String name : FILES) {
        Path file = folder.resolve(name);
        if (Files.isRegularFile(file) && Files.size(file) <= LARGEST) {
          files.put(name, Files.readString(file));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** Bytes of weights; 0 for none. */
  long bytes() {
    return model.map(SequenceModel::bytes).orElse(0L);
  }

  @Override
  public void close() {
    model.ifPresent(SequenceModel::close);
  }
}
