package dev.lathe.server.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TunableModel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a job does where its caller leaves it to us. */
class TuningRecipeTest {
  private static TuningWish wish(Optional<Integer> batch) {
    return new TuningWish(
        "demo/talk",
        "file-1",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        batch,
        Optional.of(2.0),
        Map.of());
  }

  private static Recipe recipe(TunableModel model, Tuning.Settings settings) {
    Tuning tuning =
        new Tuning(
            "demo/talk",
            "demo/talk@v3",
            "file-1",
            Optional.of("file-2"),
            Optional.empty(),
            5,
            settings,
            Map.of(),
            Optional.empty());
    return Recipe.parse(TuningRecipe.yaml(tuning, "demo/talk-tuned", model), "test");
  }

  @ParameterizedTest
  @CsvSource({"1, 25, 1", "10, 10, 1", "100, 3, 1", "2000, 3, 4", "1000000, 3, 64"})
  void examples_decideEpochsAndBatch(int examples, int epochs, int batch) {
    assertThat(TuningRecipe.settings(wish(Optional.empty()), examples))
        .isEqualTo(new Tuning.Settings(epochs, batch, 2.0));
    assertThat(TuningRecipe.settings(wish(Optional.of(7)), examples).batch()).isEqualTo(7);
  }

  @Test
  void smallModels_areTrainedWhole() {
    TunableModel small = new TunableModel(512, 0, 256, 1 << 20, List.of("model.layers.*"));
    Recipe recipe = recipe(small, new Tuning.Settings(3, 4, 2.0));
    assertThat(recipe.lora().isWanted()).isFalse();
    assertThat(recipe.optimizer().learningRate()).isEqualTo(2e-4);
    assertThat(recipe.batch()).isEqualTo(4);
    assertThat(recipe.update().batches()).isOne();
    assertThat(((DataRecipe.Conversations) recipe.data()).length()).isEqualTo(256);
    assertThat(recipe.seed()).isEqualTo(5);
  }

  @Test
  void largeModels_getAdapters_andStepsOfSeveralBatches() {
    TunableModel large =
        new TunableModel(32_000, 0, 8192, 1L << 32, List.of("model.layers.*", "transformer.h.*"));
    Recipe recipe = recipe(large, new Tuning.Settings(3, 9, 1.0));
    assertThat(recipe.lora().rank()).isEqualTo(16);
    assertThat(recipe.lora().targets()).containsExactly("model.layers.*", "transformer.h.*");
    assertThat(recipe.optimizer().learningRate()).isEqualTo(2e-4);
    assertThat(((DataRecipe.Conversations) recipe.data()).length()).isEqualTo(4096);
    assertThat(recipe.batch()).isOne();
    assertThat(recipe.update().batches()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({"1e-6, 1e-10", "3, 3e-4", "10000, 1", "0.1, 1e-5"})
  void rates_keepTheirValue_howeverSmall(double factor, double rate) {
    TunableModel small = new TunableModel(512, 0, 256, 1 << 20, List.of());
    Recipe recipe = recipe(small, new Tuning.Settings(1, 1, factor));
    assertThat(recipe.optimizer().learningRate()).isCloseTo(rate, withinPercentage(1e-9));
  }

  @Test
  void modelsOfOneLength_keepIt() {
    TunableModel fixed = new TunableModel(100, 64, Integer.MAX_VALUE, 1, List.of());
    Recipe recipe = recipe(fixed, new Tuning.Settings(1, 1, 1.0));
    assertThat(((DataRecipe.Conversations) recipe.data()).length()).isEqualTo(64);
  }
}
