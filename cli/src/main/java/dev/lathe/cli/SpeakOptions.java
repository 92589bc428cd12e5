package dev.lathe.cli;

import dev.lathe.server.TextQuestion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a text model draws its answer. */
final class SpeakOptions {
  @Option(
      names = "--max-tokens",
      paramLabel = "COUNT",
      description =
          "The most tokens of an answer; as many as the model's context leaves if absent.")
  private int maxTokens;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "0 takes the best token always, 1 draws as the model says.")
  private @Nullable Double temperature;

  @Option(
      names = "--top-p",
      paramLabel = "P",
      description = "Draw from the most probable tokens that have this share together.")
  private @Nullable Double topP;

  @Option(names = "--seed", paramLabel = "N", description = "Makes answers repeatable.")
  private @Nullable Long seed;

  @Option(
      names = "--stop",
      paramLabel = "TEXT",
      description = "A text that ends an answer; may be given several times.")
  private List<String> stops = List.of();

  /** A text to go on with. */
  TextQuestion prompt(String text) {
    return question(List.of(), text);
  }

  /** A conversation to answer. */
  TextQuestion conversation(List<TextQuestion.Turn> turns) {
    return question(turns, "");
  }

  private TextQuestion question(List<TextQuestion.Turn> turns, String prompt) {
    return new TextQuestion(
        turns,
        prompt,
        maxTokens,
        Optional.ofNullable(temperature),
        Optional.ofNullable(topP),
        Optional.ofNullable(seed),
        stops);
  }
}
