package dev.lathe.examples.sequences;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.TrainingRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recipes for sequences, followed on data that is made here. */
class SequenceRecipesTest {
  private static final String[] SPORT = "goal match player scored side league win".split(" ");
  private static final String[] KITCHEN = "butter oven salt stir dough slice cup".split(" ");
  private static final String[] ANY = "the a and of with then twice it was home".split(" ");

  @TempDir private Path folder;
  private final SplittableRandom random = new SplittableRandom(11);

  private String word(String... words) {
    return words[random.nextInt(words.length)];
  }

  private TrainingResult trained(String recipe) throws Exception {
    String text = Files.readString(Path.of(recipe));
    return TrainingRun.start(Recipe.parse(text, recipe, folder), folder.resolve("run"))
        .run(TrainingListener.SILENT, new CancelToken());
  }

  @Test
  void topics_areTold() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 400; i++) {
      boolean sport = random.nextBoolean();
      StringBuilder text = new StringBuilder();
      for (int w = 4 + random.nextInt(8); w > 0; w--) {
        boolean topic = w == 2 || random.nextInt(4) == 0;
        text.append(word(topic ? sport ? SPORT : KITCHEN : ANY)).append(' ');
      }
      lines.append(
          "{\"text\": \"%s\", \"label\": \"%s\"}\n".formatted(text, sport ? "sport" : "kitchen"));
    }
    Files.writeString(folder.resolve("topics.jsonl"), lines);
    TrainingResult result = trained("topics.yaml");
    assertThat(result.labels()).containsExactly("kitchen", "sport");
    assertThat(result.metrics().get("test_accuracy")).isGreaterThan(0.95);
  }

  @Test
  void names_areFound() throws Exception {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      lines.append(word(ANY)).append("\tO\n");
      if (random.nextBoolean()) {
        lines.append(word("Mr", "Dr")).append("\tO\n").append(name()).append("\tB-PER\n");
        lines.append(random.nextInt(2) == 0 ? name() + "\tI-PER\n" : "");
      } else {
        lines.append(word("in", "at")).append("\tO\n").append(name()).append("\tB-LOC\n");
      }
      lines.append(word(ANY)).append("\tO\n\n");
    }
    Files.writeString(folder.resolve("names.conll"), lines);
    TrainingResult result = trained("names.yaml");
    assertThat(result.labels()).containsExactly("B-LOC", "B-PER", "I-PER", "O");
    assertThat(result.metrics().get("test_entity_f1")).isGreaterThan(0.95);
  }

  /** Some names are frequent, others are there only once. */
  private String name() {
    return random.nextBoolean() ? word("Ada", "Paris", "Noor", "Lund") : "N" + random.nextInt();
  }
}
