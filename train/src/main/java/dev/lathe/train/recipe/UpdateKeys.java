package dev.lathe.train.recipe;

import dev.lathe.train.UpdateRecipe;
import dev.lathe.train.UpdateRecipe.Decay;
import dev.lathe.train.UpdateRecipe.Group;
import dev.lathe.train.UpdateRecipe.Recompute;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Whole;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** What a recipe says about gradients around the optimizer: keys, and the way there and back. */
final class UpdateKeys {
  static final int MAX_PATTERNS = 1000;
  static final Form PATTERN =
      new Text(Pattern.compile("[^\\x00-\\x1f]{1,1000}"), "a pattern of parameters' names");

  private UpdateKeys() {}

  static Form form() {
    Form bound = new Real(0, true, 1e9);
    return new Fields(
        List.of(
            Key.optional("clip_norm", bound, "", "Largest norm of all gradients together."),
            Key.optional("clip_value", bound, "", "Largest element of a gradient."),
            Key.optional(
                "decay",
                new Choice(List.of("all", "matrices")),
                "all",
                "Which weights decay: all, or those with two axes and more."),
            Key.optional(
                "groups", new Many(group(), 0, 100), List.of(), "Weights trained otherwise."),
            Key.optional(
                "freeze",
                new Many(PATTERN, 0, MAX_PATTERNS),
                List.of(),
                "Weights that stay as they are, such as [\"encoder.*\"]."),
            Key.optional("batches", new Whole(1, 65_536), 1L, "Batches that make one step."),
            Key.optional(
                "average",
                new Real(0, false, 0.999999),
                0.0,
                "Part of a moving average of the weights that a step keeps; it is released."),
            Key.optional(
                "recompute",
                new Choice(List.of("nothing", "segments")),
                "nothing",
                "What a step computes twice instead of keeping it in memory.")));
  }

  private static Fields group() {
    Form factor = new Real(0, false, 1e6);
    return new Fields(
        List.of(
            Key.required(
                "parameters", new Many(PATTERN, 1, MAX_PATTERNS), "Patterns of their names."),
            Key.optional("rate", factor, 1.0, "Factor of the learning rate."),
            Key.optional("decay", factor, 1.0, "Factor of the weight decay.")));
  }

  static UpdateRecipe read(Values values) {
    return new UpdateRecipe(
        bound(values, "clip_norm"),
        bound(values, "clip_value"),
        values.choice("decay", Decay.class),
        values.list("groups").stream()
            .map(
                group ->
                    new Group(group.texts("parameters"), group.real("rate"), group.real("decay")))
            .toList(),
        values.texts("freeze"),
        values.small("batches"),
        values.real("average"),
        values.choice("recompute", Recompute.class));
  }

  private static double bound(Values values, String key) {
    return values.has(key) ? values.real(key) : Double.POSITIVE_INFINITY;
  }

  static void write(UpdateRecipe update, RecipeWriter writer) {
    if (update.equals(UpdateRecipe.PLAIN)) {
      return;
    }
    writer.line("update", "");
    if (Double.isFinite(update.clipNorm())) {
      writer.line("  clip_norm", update.clipNorm());
    }
    if (Double.isFinite(update.clipValue())) {
      writer.line("  clip_value", update.clipValue());
    }
    writer.line("  decay", update.decay() == Decay.ALL ? "all" : "matrices");
    if (!update.groups().isEmpty()) {
      writer.line("  groups", "");
    }
    for (Group group : update.groups()) {
      writer.line("    - parameters", RecipeWriter.quoted(group.parameters()));
      writer.line("      rate", group.rate());
      writer.line("      decay", group.decay());
    }
    writer.line("  freeze", RecipeWriter.quoted(update.freeze()));
    writer.line("  batches", update.batches());
    writer.line("  average", update.average());
    writer.line("  recompute", update.recompute().name().toLowerCase(Locale.ROOT));
  }
}
