package dev.lathe.train.recipe;

import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cnn.Stage;
import dev.lathe.zoo.Gpt.Head;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The networks of a recipe: their keys, and the way from keys to architecture and back. */
final class ArchitectureKeys {
  private static final Form SIZE = new Whole(1, 65_536);
  private static final Form LAYERS = new Whole(1, 256);
  private static final Form DROPOUT = new Real(0, false, 0.99);

  private static final List<String> LANGUAGE_MODELS = List.of("gpt");

  private ArchitectureKeys() {}

  static Form form() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("linear", new Fields(List.of()));
    cases.put("mlp", new Fields(List.of(hidden(), activation())));
    cases.put(
        "cnn",
        new Fields(
            List.of(
                Key.required("stages", new Many(stage(), 1, 32), "Convolutions, first to last."),
                hidden(),
                activation())));
    cases.put("gpt", gpt());
    return new Variants("kind", "Which family of networks.", cases);
  }

  private static Key hidden() {
    return Key.optional(
        "hidden", new Many(SIZE, 0, 64), List.of(), "Sizes of the fully connected layers.");
  }

  private static Key activation() {
    return Key.optional(
        "activation",
        RecipeForm.names(Activation.values()),
        "relu",
        "Function between two layers.");
  }

  private static Fields stage() {
    return new Fields(
        List.of(
            Key.required("channels", SIZE, "Output channels."),
            Key.optional("kernel", new Whole(1, 31), 3L, "Side of the square kernel."),
            Key.optional("stride", new Whole(1, 31), 1L, "Step of the kernel."),
            Key.optional(
                "padding", new Whole(0, 31), "", "Zeros on each side; half the kernel if absent."),
            Key.optional("pool", new Whole(1, 31), 1L, "Side of the maximum pool; 1 for none.")));
  }

  private static Fields gpt() {
    return new Fields(
        List.of(
            Key.required("width", SIZE, "Features of a token."),
            Key.required("layers", LAYERS, "Blocks of attention and feed-forward part."),
            Key.required("heads", new Whole(1, 1024), "Attention heads; the width is a multiple."),
            Key.optional("dropout", DROPOUT, 0.0, "Part that is left out while training."),
            Key.optional(
                "head",
                new Choice(List.of("tied", "own")),
                "tied",
                "Whether scores come from the token embeddings or a matrix of their own.")));
  }

  static void check(Values network, Values data, Task task) {
    String kind = network.text("kind");
    if (LANGUAGE_MODELS.contains(kind) != (task == Task.LANGUAGE_MODEL)) {
      throw network.bad(
          "kind",
          "architecture.kind: "
              + kind
              + " does not fit task "
              + task.key()
              + " (language_model takes "
              + String.join(", ", LANGUAGE_MODELS)
              + ", the other tasks take the others)");
    }
    if (kind.equals("cnn")) {
      image(data);
    }
  }

  private static void image(Values data) {
    List<Integer> shape = data.smalls("shape");
    boolean needed = data.text("format").equals("csv");
    if (shape.size() != 3 && (needed || !shape.isEmpty())) {
      throw data.bad(
          "shape",
          "data.shape: "
              + shape
              + " (expected: [channels, height, width], since architecture.kind is cnn)");
    }
  }

  static ArchitectureRecipe read(Values values) {
    return switch (values.text("kind")) {
      case "mlp" ->
          new ArchitectureRecipe.Mlp(
              values.smalls("hidden"), values.choice("activation", Activation.class));
      case "cnn" ->
          new ArchitectureRecipe.Cnn(
              values.list("stages").stream().map(ArchitectureKeys::stage).toList(),
              values.smalls("hidden"),
              values.choice("activation", Activation.class));
      case "gpt" ->
          new ArchitectureRecipe.Gpt(
              values.small("width"),
              values.small("layers"),
              values.small("heads"),
              values.real("dropout"),
              values.choice("head", Head.class));
      default -> new ArchitectureRecipe.Linear();
    };
  }

  private static Stage stage(Values values) {
    int kernel = values.small("kernel");
    return new Stage(
        values.small("channels"),
        kernel,
        values.small("stride"),
        values.has("padding") ? values.small("padding") : kernel / 2,
        values.small("pool"));
  }

  static void write(ArchitectureRecipe architecture, RecipeWriter writer) {
    writer.line("architecture", "");
    switch (architecture) {
      case ArchitectureRecipe.Base _ -> throw new IllegalStateException("has a key of its own");
      case ArchitectureRecipe.Linear _ -> writer.line("  kind", "linear");
      case ArchitectureRecipe.Mlp mlp -> {
        writer.line("  kind", "mlp");
        writer.line("  hidden", mlp.hidden());
        writer.line("  activation", lower(mlp.activation()));
      }
      case ArchitectureRecipe.Cnn cnn -> {
        writer.line("  kind", "cnn");
        writer.line("  stages", "");
        cnn.stages().forEach(stage -> write(stage, writer));
        writer.line("  hidden", cnn.hidden());
        writer.line("  activation", lower(cnn.activation()));
      }
      case ArchitectureRecipe.Gpt gpt -> {
        writer.line("  kind", "gpt");
        writer.line("  width", gpt.width());
        writer.line("  layers", gpt.layers());
        writer.line("  heads", gpt.heads());
        writer.line("  dropout", gpt.dropout());
        writer.line("  head", lower(gpt.head()));
      }
    }
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static void write(Stage stage, RecipeWriter writer) {
    writer.line(
        "    - { channels",
        stage.channels()
            + ", kernel: "
            + stage.kernel()
            + ", stride: "
            + stage.stride()
            + ", padding: "
            + stage.padding()
            + ", pool: "
            + stage.pool()
            + " }");
  }
}
