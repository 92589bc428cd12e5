package dev.lathe.server;

import dev.lathe.server.config.Settings;

/**
 * What the OpenAI API keeps for callers: section {@code openai}.
 *
 * @param files section {@code openai.files}
 */
public record OpenAiConfig(Files files) {
  static OpenAiConfig of(Settings section) {
    return new OpenAiConfig(Files.of(section.section("files")));
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
}
