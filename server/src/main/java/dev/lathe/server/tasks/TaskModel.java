package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.ServerError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A version that is asked with texts.
 *
 * @param version the version
 * @param files what lies beside its model
 * @param tokenizer its tokenizer
 * @param longest the most tokens that it takes
 */
record TaskModel(VersionInfo version, TaskFiles files, Tokenizer tokenizer, int longest)
    implements AutoCloseable {
  static TaskModel open(VersionInfo version, Path folder) {
    Path tokenizer = folder.resolve(TaskFiles.TOKENIZER);
    TaskFiles files = new TaskFiles(folder);
    if (!Files.isRegularFile(tokenizer)) {
      throw new LatheException(
          ServerError.NOT_OFFERED,
          version.model()
              + "@"
              + version.version()
              + ": no "
              + TaskFiles.TOKENIZER
              + " beside the model (expected: one that makes tokens of texts)");
    }
    return new TaskModel(version, files, Tokenizer.open(tokenizer), files.longest());
  }

  /** The model's name and version, for messages. */
  String name() {
    return version.model() + "@" + version.version();
  }

  /** Whether it gives an output of that name. */
  boolean gives(String output) {
    return version.metadata().signature().outputs().stream()
        .anyMatch(spec -> spec.name().equals(output));
  }

  /** The axes of an output; 0 if there is none of that name. */
  int axes(String output) {
    return version.metadata().signature().outputs().stream()
        .filter(spec -> spec.name().equals(output))
        .mapToInt(spec -> spec.shape().size())
        .findFirst()
        .orElse(0);
  }

  /** Whether an output has numbers for each token: its second axis is not of a fixed size. */
  boolean perToken(String output) {
    return version.metadata().signature().outputs().stream()
        .filter(spec -> spec.name().equals(output))
        .anyMatch(spec -> spec.shape().size() > 1 && spec.shape().get(1) < 0);
  }

  /** The names of its classes by index; empty if they have none. */
  List<String> labels() {
    List<String> told = version.metadata().labels();
    return told.isEmpty() ? files.labels() : told;
  }

  /** The tokens of a text, with what the tokenizer adds. */
  Encoded encode(String text) {
    return tokenizer.encode(text, Specials.WITH);
  }

  /** Refuses more tokens than the model takes. */
  Encoded requireFit(Encoded encoded, String what) {
    if (encoded.length() > longest) {
      throw new LatheException(
          ServerError.BAD_REQUEST,
          what
              + ": "
              + encoded.length()
              + " tokens (expected: at most "
              + longest
              + ", which is what "
              + name()
              + " takes)");
    }
    return encoded;
  }

  /** What is wrong with a question to a model of another kind. */
  LatheException isNo(String expected) {
    String task = version.metadata().task();
    return new LatheException(
        ServerError.NOT_OFFERED,
        name()
            + (task.isEmpty() ? "" : " is for " + task)
            + ", outputs "
            + version.metadata().signature().outputs().stream().map(spec -> spec.name()).toList()
            + " (expected: "
            + expected
            + ")");
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
