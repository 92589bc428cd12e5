package dev.lathe.train.recipe;

import dev.lathe.train.LoraRecipe;
import dev.lathe.train.LoraRecipe.Release;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Whole;
import java.util.List;

/** What a recipe says about adapters: keys, and the way there and back. */
final class LoraKeys {
  private LoraKeys() {}

  static Form form() {
    return new Fields(
        List.of(
            Key.optional(
                "rank",
                new Whole(1, 4096),
                8L,
                "Directions that an adapter can change; of a convolution with groups, the next"
                    + " multiple of them."),
            Key.optional(
                "alpha",
                new Real(0, true, 1e6),
                "",
                "What an adapter adds is multiplied by alpha/rank; twice the rank if absent."),
            Key.optional(
                "dropout", new Real(0, false, 0.99), 0.0, "Part of an adapter's input dropped."),
            Key.optional(
                "targets",
                new Many(UpdateKeys.PATTERN, 1, UpdateKeys.MAX_PATTERNS),
                List.of("*"),
                "Patterns of the weights that get an adapter; one that an embedding shares, by its"
                    + " full name only."),
            Key.optional(
                "merge", new Flag(), true, "Whether the release has adapters in its weights.")));
  }

  static LoraRecipe read(Values recipe) {
    if (!recipe.has("lora")) {
      return LoraRecipe.NONE;
    }
    Values lora = recipe.fields("lora");
    return new LoraRecipe(
        lora.small("rank"),
        lora.has("alpha") ? lora.real("alpha") : 2.0 * lora.small("rank"),
        lora.real("dropout"),
        lora.texts("targets"),
        lora.flag("merge") ? Release.MERGED : Release.APART);
  }

  static void write(LoraRecipe lora, RecipeWriter writer) {
    if (!lora.isWanted()) {
      return;
    }
    writer.line("lora", "");
    writer.line("  rank", lora.rank());
    writer.line("  alpha", lora.alpha());
    writer.line("  dropout", lora.dropout());
    writer.line("  targets", RecipeWriter.quoted(lora.targets()));
    writer.line("  merge", lora.release() == Release.MERGED);
  }
}
