package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What the OpenAI API keeps for callers: section {@code openai}.
 *
 * @param files section {@code openai.files}
 * @param batches section {@code openai.batches}
 * @param responses section {@code openai.responses}
 * @param moderation section {@code openai.moderation}
 */
public record OpenAiConfig(
    Files files, Batches batches, Responses responses, Moderation moderation) {
  static OpenAiConfig of(Settings section) {
    return new OpenAiConfig(
        Files.of(section.section("files")),
        Batches.of(section.section("batches")),
        Responses.of(section.section("responses")),
        Moderation.of(section.section("moderation")));
  }

  /**
   * What files callers may keep here.
   *
   * @param maxBytes the largest file
   * @param maxCount how many one caller may have
   * @param maxTotalBytes how large one caller's files may be together
   */
  public record Files(long maxBytes, int maxCount, long maxTotalBytes) {
    static Files of(Settings section) {
      return new Files(
          section.whole("max_size"), section.small("max_count"), section.whole("max_total"));
    }
  }

  /**
   * What is kept of responses.
   *
   * @param maxCount how many of one caller; none if 0
   * @param maxTotalBytes how large those of one caller may be together
   * @param maxAge how long
   */
  public record Responses(int maxCount, long maxTotalBytes, Duration maxAge) {
    static Responses of(Settings section) {
      return new Responses(
          section.small("max_count"), section.whole("max_total"), section.span("max_age"));
    }
  }

  /**
   * How texts are found harmful.
   *
   * @param model the classifier where a request names none
   * @param threshold a text is flagged for a category with more than this score
   * @param harmless categories for which no text is flagged
   */
  public record Moderation(Optional<String> model, double threshold, List<String> harmless) {
    /** Copies the categories. */
    public Moderation {
      harmless = List.copyOf(harmless);
    }

    static Moderation of(Settings section) {
      return new Moderation(
          Optional.of(section.text("model")).filter(name -> !name.isEmpty()),
          section.real("threshold"),
          section.texts("harmless"));
    }
  }

  /**
   * What batches may take.
   *
   * @param concurrency how many lines of all batches are answered at once
   * @param maxLines how many lines a batch may have
   * @param maxOpen how many batches of one caller may go on at a time
   * @param maxCount how many batches of one caller are remembered
   */
  public record Batches(int concurrency, int maxLines, int maxOpen, int maxCount) {
    static Batches of(Settings section) {
      return new Batches(
          section.small("concurrency"),
          section.small("max_lines"),
          section.small("max_open"),
          section.small("max_count"));
    }
  }
}
