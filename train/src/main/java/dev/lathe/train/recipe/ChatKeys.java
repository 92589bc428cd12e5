package dev.lathe.train.recipe;

import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Whole;
import java.nio.file.Path;
import java.util.List;

/** What a recipe says about conversations: keys, and the way there and back. */
final class ChatKeys {
  static final String FORMAT = "conversations";

  private ChatKeys() {}

  static List<Key> keys() {
    return List.of(
        Key.required(
            "train",
            RecipeForm.PATH,
            "The training file, JSON Lines: messages, of which the assistant's are learned; prompt"
                + " and completion, of which the completion is learned; or text."),
        Key.optional("validation_file", RecipeForm.PATH, "", "A file for validation, likewise."),
        Key.optional("test", RecipeForm.PATH, "", "The test file, likewise."),
        Key.required(
            "length",
            new Whole(2, 65_536),
            "The most tokens of an example; what is longer is cut, which is told."));
  }

  static DataRecipe.Conversations read(Values data, Preparation preparation, Path directory) {
    return new DataRecipe.Conversations(
        data.path("train", directory),
        data.path("validation_file", directory),
        data.path("test", directory),
        data.small("length"),
        preparation);
  }

  static void write(DataRecipe.Conversations chats, RecipeWriter writer) {
    writer.line("  format", FORMAT);
    writer.path("  train", chats.train());
    writer.path("  validation_file", chats.validationFile());
    writer.path("  test", chats.test());
    writer.line("  length", chats.length());
  }

  /** A new network has neither tokenizer nor template. */
  static void check(Values data, boolean fresh) {
    if (fresh && data.text("format").equals(FORMAT)) {
      throw data.bad(
          "format",
          "data.format: conversations with an architecture (expected: base, whose tokenizer and"
              + " template make tokens of them)");
    }
  }
}
