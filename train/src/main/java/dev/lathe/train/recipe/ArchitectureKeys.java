package dev.lathe.train.recipe;

import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Cnn.Stage;
import dev.lathe.zoo.DepthwiseCnn.Block;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The networks of a recipe: their keys, and the way from keys to architecture and back. */
final class ArchitectureKeys {
  private static final Form SIZE = new Whole(1, 65_536);
  private static final Form LAYERS = new Whole(1, 256);

  private static final List<String> LANGUAGE_MODELS = List.of("gpt", "llama", "lstm", "gru");
  private static final List<String> PLAIN = List.of("linear", "mlp", "cnn", "resnet", "depthwise");
  private static final List<String> CLASSIFIERS = List.of("encoder", "lstm", "gru");
  private static final List<String> IMAGES = List.of("cnn", "resnet", "depthwise");
  private static final List<String> TRANSLATORS = List.of("encoder_decoder");

  private ArchitectureKeys() {}

  static Form form() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("linear", new Fields(List.of()));
    cases.put("mlp", new Fields(List.of(hidden(), activation(), dropout())));
    cases.put(
        "cnn",
        new Fields(
            List.of(
                Key.required("stages", new Many(stage(), 1, 32), "Convolutions, first to last."),
                hidden(),
                activation(),
                dropout())));
    cases.put("resnet", resNet());
    cases.put("depthwise", depthwise());
    cases.putAll(TokenNetworkKeys.forms());
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

  private static Key dropout() {
    return TokenNetworkKeys.dropout("Part left out after each hidden layer while training.");
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

  static void check(Values network, Values data, Task task) {
    String kind = network.text("kind");
    List<String> known = kinds(task);
    if (!known.contains(kind)) {
      throw network.bad(
          "kind",
          "architecture.kind: "
              + kind
              + " does not fit task "
              + task.key()
              + " (expected: "
              + String.join(", ", known)
              + ")");
    }
    boolean tied = network.has("head") && network.text("head").equals("tied");
    if (tied && task != Task.LANGUAGE_MODEL) {
      throw network.bad(
          "head", "architecture.head: tied (expected: own for task " + task.key() + ")");
    }
    if (IMAGES.contains(kind)) {
      image(data, kind);
    }
  }

  private static List<String> kinds(Task task) {
    return switch (task) {
      case CLASSIFICATION, BINARY, MULTI_LABEL, REGRESSION -> PLAIN;
      case LANGUAGE_MODEL -> LANGUAGE_MODELS;
      case TRANSLATION -> TRANSLATORS;
      case TEXT_CLASSIFICATION, TOKEN_CLASSIFICATION, QUESTION_ANSWERING -> CLASSIFIERS;
    };
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
              values.smalls("hidden"),
              values.choice("activation", Activation.class),
              values.real("dropout"));
      case "cnn" ->
          new ArchitectureRecipe.Cnn(
              values.list("stages").stream().map(ArchitectureKeys::stage).toList(),
              values.smalls("hidden"),
              values.choice("activation", Activation.class),
              values.real("dropout"));
      case "resnet" ->
          new ArchitectureRecipe.ResNet(values.smalls("widths"), values.small("blocks"));
      case "depthwise" ->
          new ArchitectureRecipe.Depthwise(
              block(values.fields("stem")),
              values.list("blocks").stream().map(ArchitectureKeys::block).toList());
      case "linear" -> new ArchitectureRecipe.Linear();
      default -> TokenNetworkKeys.read(values);
    };
  }

  private static Block block(Values values) {
    return new Block(values.small("channels"), values.small("stride"));
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
        writer.line("  dropout", mlp.dropout());
      }
      case ArchitectureRecipe.Cnn cnn -> {
        writer.line("  kind", "cnn");
        writer.line("  stages", "");
        cnn.stages().forEach(stage -> write(stage, writer));
        writer.line("  hidden", cnn.hidden());
        writer.line("  activation", lower(cnn.activation()));
        writer.line("  dropout", cnn.dropout());
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
      case ArchitectureRecipe.Gpt gpt -> TokenNetworkKeys.write(gpt, writer);
      case ArchitectureRecipe.Llama llama -> TokenNetworkKeys.write(llama, writer);
      case ArchitectureRecipe.Encoder net -> TokenNetworkKeys.write(net, writer);
      case ArchitectureRecipe.EncoderDecoder net -> TokenNetworkKeys.write(net, writer);
      case ArchitectureRecipe.Recurrent net -> TokenNetworkKeys.write(net, writer);
    }
  }

  private static String shown(Block block) {
    return "{ channels: " + block.channels() + ", stride: " + block.stride() + " }";
  }

  static String lower(Enum<?> constant) {
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
