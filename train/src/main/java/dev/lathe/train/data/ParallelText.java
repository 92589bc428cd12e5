package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Texts;
import dev.lathe.train.TrainError;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sentences that are translated whole when a run is measured, and what they shall be.
 *
 * @param source sentences
 * @param target their translations, as many
 */
public record ParallelText(List<String> source, List<String> target) {
  private static final int MAX_LINES = 20_000_000;

  /** Characters of each of the files. */
  private static final long MAX_CHARACTERS = 1L << 30;

  static final ParallelText NONE = new ParallelText(List.of(), List.of());

  /** Copies the lines. */
  public ParallelText {
    source = List.copyOf(source);
    target = List.copyOf(target);
  }

  /**
   * Reads two files.
   *
   * @throws LatheException FILE_NOT_FOUND; BAD_DATA if they are not as long as each other, or no
   *     text; TOO_LARGE
   */
  static ParallelText read(Texts files) {
    if (files.source().toString().isEmpty()) {
      return NONE;
    }
    List<String> source = new ArrayList<>();
    List<String> target = new ArrayList<>();
    long sources = 0;
    long targets = 0;
    try (ParallelFiles lines = ParallelFiles.open(files)) {
      for (Optional<ParallelFiles.Sentence> next = lines.next();
          next.isPresent();
          next = lines.next()) {
        ParallelFiles.Sentence sentence = next.orElseThrow();
        source.add(sentence.source());
        target.add(sentence.target());
        sources += sentence.source().length();
        targets += sentence.target().length();
        if (source.size() > MAX_LINES || Math.max(sources, targets) > MAX_CHARACTERS) {
          throw tooLarge(files, source.size());
        }
      }
    }
    return new ParallelText(source, target);
  }

  private static LatheException tooLarge(Texts files, int line) {
    return new LatheException(
        TrainError.TOO_LARGE,
        files.source()
            + ": line "
            + line
            + ": too much text to be translated whole (expected: at most "
            + MAX_LINES
            + " lines, "
            + MAX_CHARACTERS
            + " characters in all)");
  }
}
