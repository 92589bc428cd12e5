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
import dev.lathe.zoo.Cell;
import dev.lathe.zoo.Cnn.Stage;
import dev.lathe.zoo.DepthwiseCnn.Block;
import dev.lathe.zoo.Gpt.Head;
import dev.lathe.zoo.Llama.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The networks of a recipe: their keys, and the way from keys to architecture and back. */
final class ArchitectureKeys {
  private static final Form SIZE = new Whole(1, 65_536);
  private static final Form LAYERS = new Whole(1, 256);
  private static final Form DROPOUT = new Real(0, false, 0.99);

  private static final List<String> LANGUAGE_MODELS = List.of("gpt", "llama", "lstm", "gru");
  private static final List<String> IMAGES = List.of("cnn", "resnet", "depthwise");
  private static final List<String> TRANSLATORS = List.of("encoder_decoder");

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
    cases.put("resnet", resNet());
    cases.put("depthwise", depthwise());
    cases.put("gpt", gpt());
    cases.put("llama", llama());
    cases.put("lstm", recurrent());
    cases.put("gru", recurrent());
    cases.put("encoder_decoder", encoderDecoder());
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

  private static Fields resNet() {
    return new Fields(
        List.of(
            Key.optional(
                "widths",
                new Many(new Whole(1, 4096), 1, 8),
                List.of(16L, 32L, 64L),
                "Channels of each stage; every stage but the first halves the sides."),
            Key.optional("blocks", LAYERS, 1L, "Blocks of two convolutions in each stage.")));
  }

  private static Fields depthwise() {
    Fields block =
        new Fields(
            List.of(
                Key.required("channels", new Whole(1, 4096), "Output channels."),
                Key.optional("stride", new Whole(1, 31), 1L, "Step of the kernel of 3 by 3.")));
    return new Fields(
        List.of(
            Key.required("stem", block, "The first convolution."),
            Key.required(
                "blocks",
                new Many(block, 1, 256),
                "Pairs of a depthwise and a pointwise convolution, first to last.")));
  }

  private static Fields gpt() {
    return new Fields(
        List.of(
            width(), blocks(), heads(), dropout("Part left out while training."), head("tied")));
  }

  private static Fields llama() {
    return new Fields(
        List.of(
            width(),
            blocks(),
            heads(),
            Key.optional(
                "key_heads",
                new Whole(1, 1024),
                "",
                "Heads of keys and values, a divisor of the heads; as many as these if absent."),
            Key.optional(
                "inner",
                SIZE,
                "",
                "Features inside the feed-forward part; 8/3 of the width if absent."),
            head("own")));
  }

  private static Fields recurrent() {
    return new Fields(
        List.of(
            width(),
            Key.optional("hidden", SIZE, "", "Features of a state; the width if absent."),
            Key.optional("layers", LAYERS, 1L, "Recurrent layers."),
            dropout("Part left out between two layers while training."),
            head("own")));
  }

  private static Key width() {
    return Key.required("width", SIZE, "Features of a token.");
  }

  private static Key blocks() {
    return Key.required("layers", LAYERS, "Blocks of attention and feed-forward part.");
  }

  private static Key heads() {
    return Key.required("heads", new Whole(1, 1024), "Attention heads; the width is a multiple.");
  }

  private static Key dropout(String about) {
    return Key.optional("dropout", DROPOUT, 0.0, about);
  }

  private static Key head(String standard) {
    return Key.optional(
        "head",
        new Choice(List.of("tied", "own")),
        standard,
        "Whether scores come from the token embeddings or a matrix of their own.");
  }

  private static Fields encoderDecoder() {
    return new Fields(
        List.of(
            Key.required("width", SIZE, "Features of a token, even."),
            Key.required("layers", LAYERS, "Blocks of the encoder, and of the decoder."),
            Key.required("heads", new Whole(1, 1024), "Attention heads; the width is a multiple."),
            Key.required("feed_forward", SIZE, "Features inside a feed-forward part."),
            Key.optional("dropout", DROPOUT, 0.0, "Part that is left out while training.")));
  }

  static void check(Values network, Values data, Task task) {
    String kind = network.text("kind");
    if (LANGUAGE_MODELS.contains(kind) != (task == Task.LANGUAGE_MODEL)
        || TRANSLATORS.contains(kind) != (task == Task.TRANSLATION)) {
      throw network.bad(
          "kind",
          "architecture.kind: "
              + kind
              + " does not fit task "
              + task.key()
              + " (language_model takes "
              + String.join(", ", LANGUAGE_MODELS)
              + ", translation takes "
              + String.join(", ", TRANSLATORS)
              + ", the other tasks take the others)");
    }
    if (IMAGES.contains(kind)) {
      image(data, kind);
    }
  }

  private static void image(Values data, String kind) {
    List<Integer> shape = data.smalls("shape");
    boolean needed = RecordKeys.areRecords(data);
    if (shape.size() != 3 && (needed || !shape.isEmpty())) {
      throw data.bad(
          "shape",
          "data.shape: "
              + shape
              + " (expected: [channels, height, width], since architecture.kind is "
              + kind
              + ")");
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
      case "resnet" ->
          new ArchitectureRecipe.ResNet(values.smalls("widths"), values.small("blocks"));
      case "depthwise" ->
          new ArchitectureRecipe.Depthwise(
              block(values.fields("stem")),
              values.list("blocks").stream().map(ArchitectureKeys::block).toList());
      case "llama" -> llama(values);
      case "lstm" -> recurrent(values, Cell.LSTM);
      case "gru" -> recurrent(values, Cell.GRU);
      case "encoder_decoder" ->
          new ArchitectureRecipe.EncoderDecoder(
              values.small("width"),
              values.small("layers"),
              values.small("heads"),
              values.small("feed_forward"),
              values.real("dropout"));
      default -> new ArchitectureRecipe.Linear();
    };
  }

  private static Block block(Values values) {
    return new Block(values.small("channels"), values.small("stride"));
  }

  private static ArchitectureRecipe llama(Values values) {
    int width = values.small("width");
    int heads = values.small("heads");
    return new ArchitectureRecipe.Llama(
        new Size(
            width,
            values.has("inner") ? values.small("inner") : Size.inner(width),
            values.small("layers"),
            heads,
            values.has("key_heads") ? values.small("key_heads") : heads),
        values.choice("head", Head.class));
  }

  private static ArchitectureRecipe recurrent(Values values, Cell cell) {
    return new ArchitectureRecipe.Recurrent(
        cell,
        values.small("width"),
        values.small(values.has("hidden") ? "hidden" : "width"),
        values.small("layers"),
        values.real("dropout"),
        values.choice("head", Head.class));
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
      case ArchitectureRecipe.ResNet net -> {
        writer.line("  kind", "resnet");
        writer.line("  widths", net.widths());
        writer.line("  blocks", net.blocks());
      }
      case ArchitectureRecipe.Depthwise net -> {
        writer.line("  kind", "depthwise");
        writer.line("  stem", shown(net.stem()));
        writer.line("  blocks", net.blocks().stream().map(ArchitectureKeys::shown).toList());
      }
      case ArchitectureRecipe.Llama llama -> write(llama, writer);
      case ArchitectureRecipe.Recurrent net -> write(net, writer);
      case ArchitectureRecipe.EncoderDecoder net -> {
        writer.line("  kind", "encoder_decoder");
        writer.line("  width", net.width());
        writer.line("  layers", net.layers());
        writer.line("  heads", net.heads());
        writer.line("  feed_forward", net.feedForward());
        writer.line("  dropout", net.dropout());
      }
    }
  }

  private static String shown(Block block) {
    return "{ channels: " + block.channels() + ", stride: " + block.stride() + " }";
  }

  private static void write(ArchitectureRecipe.Llama llama, RecipeWriter writer) {
    writer.line("  kind", "llama");
    writer.line("  width", llama.size().width());
    writer.line("  layers", llama.size().layers());
    writer.line("  heads", llama.size().heads());
    writer.line("  key_heads", llama.size().keyHeads());
    writer.line("  inner", llama.size().inner());
    writer.line("  head", lower(llama.head()));
  }

  private static void write(ArchitectureRecipe.Recurrent net, RecipeWriter writer) {
    writer.line("  kind", lower(net.cell()));
    writer.line("  width", net.width());
    writer.line("  hidden", net.hidden());
    writer.line("  layers", net.layers());
    writer.line("  dropout", net.dropout());
    writer.line("  head", lower(net.head()));
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
