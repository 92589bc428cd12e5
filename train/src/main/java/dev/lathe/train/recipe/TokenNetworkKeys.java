package dev.lathe.train.recipe;

import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.zoo.Cell;
import dev.lathe.zoo.Encoder;
import dev.lathe.zoo.Encoder.Norm;
import dev.lathe.zoo.Gpt.Head;
import dev.lathe.zoo.Llama.Size;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The networks of a recipe that read tokens: their keys, and the way there and back. */
final class TokenNetworkKeys {
  private static final Form SIZE = new Whole(1, 65_536);
  private static final Form LAYERS = new Whole(1, 256);
  private static final Form DROPOUT = new Real(0, false, 0.99);

  private TokenNetworkKeys() {}

  static Map<String, Fields> forms() {
    Map<String, Fields> cases = new LinkedHashMap<>();
    cases.put("gpt", gpt());
    cases.put("llama", llama());
    cases.put("encoder", encoder());
    cases.put("lstm", recurrent());
    cases.put("gru", recurrent());
    cases.put("encoder_decoder", encoderDecoder());
    return cases;
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

  private static Fields encoder() {
    return new Fields(
        List.of(
            width(),
            blocks(),
            heads(),
            Key.optional(
                "inner",
                SIZE,
                "",
                "Features inside the feed-forward part; 4 times the width if absent."),
            dropout("Part left out while training."),
            Key.optional(
                "norm",
                RecipeForm.names(Norm.values()),
                "pre",
                "Whether a branch is normalized before it, or behind its sum as in BERT.")));
  }

  private static Fields encoderDecoder() {
    return new Fields(
        List.of(
            Key.required("width", SIZE, "Features of a token, even."),
            Key.required("layers", LAYERS, "Blocks of the encoder, and of the decoder."),
            heads(),
            Key.required("feed_forward", SIZE, "Features inside a feed-forward part."),
            dropout("Part that is left out while training.")));
  }

  private static Fields recurrent() {
    return new Fields(
        List.of(
            width(),
            Key.optional("hidden", SIZE, "", "Features of a state; the width if absent."),
            Key.optional("layers", LAYERS, 1L, "Recurrent layers."),
            dropout(
                "Part left out between two layers while training; with classes, also around them."),
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

  static Key dropout(String about) {
    return Key.optional("dropout", DROPOUT, 0.0, about);
  }

  private static Key head(String standard) {
    return Key.optional(
        "head",
        new Choice(List.of("tied", "own")),
        standard,
        "Whether scores come from the token embeddings or a matrix of their own.");
  }

  static ArchitectureRecipe read(Values values) {
    return switch (values.text("kind")) {
      case "gpt" ->
          new ArchitectureRecipe.Gpt(
              values.small("width"),
              values.small("layers"),
              values.small("heads"),
              values.real("dropout"),
              values.choice("head", Head.class));
      case "llama" -> llama(values);
      case "encoder" -> encoder(values);
      case "lstm" -> recurrent(values, Cell.LSTM);
      case "gru" -> recurrent(values, Cell.GRU);
      case "encoder_decoder" ->
          new ArchitectureRecipe.EncoderDecoder(
              values.small("width"),
              values.small("layers"),
              values.small("heads"),
              values.small("feed_forward"),
              values.real("dropout"));
      default -> throw new IllegalStateException("no form has kind " + values.text("kind"));
    };
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

  private static ArchitectureRecipe encoder(Values values) {
    int width = values.small("width");
    return new ArchitectureRecipe.Encoder(
        new Encoder.Size(
            width,
            values.has("inner") ? values.small("inner") : 4 * width,
            values.small("layers"),
            values.small("heads")),
        values.real("dropout"),
        values.choice("norm", Norm.class));
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

  static void write(ArchitectureRecipe.Gpt gpt, RecipeWriter writer) {
    writer.line("  kind", "gpt");
    writer.line("  width", gpt.width());
    writer.line("  layers", gpt.layers());
    writer.line("  heads", gpt.heads());
    writer.line("  dropout", gpt.dropout());
    writer.line("  head", ArchitectureKeys.lower(gpt.head()));
  }

  static void write(ArchitectureRecipe.Llama llama, RecipeWriter writer) {
    writer.line("  kind", "llama");
    writer.line("  width", llama.size().width());
    writer.line("  layers", llama.size().layers());
    writer.line("  heads", llama.size().heads());
    writer.line("  key_heads", llama.size().keyHeads());
    writer.line("  inner", llama.size().inner());
    writer.line("  head", ArchitectureKeys.lower(llama.head()));
  }

  static void write(ArchitectureRecipe.Encoder net, RecipeWriter writer) {
    writer.line("  kind", "encoder");
    writer.line("  width", net.size().width());
    writer.line("  layers", net.size().layers());
    writer.line("  heads", net.size().heads());
    writer.line("  inner", net.size().inner());
    writer.line("  dropout", net.dropout());
    writer.line("  norm", ArchitectureKeys.lower(net.norm()));
  }

  static void write(ArchitectureRecipe.EncoderDecoder net, RecipeWriter writer) {
    writer.line("  kind", "encoder_decoder");
    writer.line("  width", net.width());
    writer.line("  layers", net.layers());
    writer.line("  heads", net.heads());
    writer.line("  feed_forward", net.feedForward());
    writer.line("  dropout", net.dropout());
  }

  static void write(ArchitectureRecipe.Recurrent net, RecipeWriter writer) {
    writer.line("  kind", ArchitectureKeys.lower(net.cell()));
    writer.line("  width", net.width());
    writer.line("  hidden", net.hidden());
    writer.line("  layers", net.layers());
    writer.line("  dropout", net.dropout());
    writer.line("  head", ArchitectureKeys.lower(net.head()));
  }
}
