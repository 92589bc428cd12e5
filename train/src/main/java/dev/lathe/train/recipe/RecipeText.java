package dev.lathe.train.recipe;

import dev.lathe.ir.LatheException;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.IdxPair;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.EarlyStop;
import dev.lathe.train.LastLayer;
import dev.lathe.train.Normalization;
import dev.lathe.train.Recipe;
import dev.lathe.train.ReleaseRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** From a recipe's text to the recipe: form first, then what concerns several keys at once. */
public final class RecipeText {
  private RecipeText() {}

  /**
   * Reads a recipe file.
   *
   * @param file the file
   * @return its text
   * @throws LatheException FILE_NOT_FOUND, TOO_LARGE, BAD_RECIPE if it is not UTF-8
   */
  public static String read(Path file) {
    try {
      if (Files.size(file) > YamlText.MAX_CHARACTERS) {
        throw new LatheException(
            TrainError.TOO_LARGE,
            file + ": " + Files.size(file) + " bytes (expected: at most 262144)");
      }
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, file + ": no such recipe file", e);
    } catch (MalformedInputException e) {
      throw new LatheException(TrainError.BAD_RECIPE, file + ": not UTF-8 text", e);
    } catch (IOException e) {
      throw new LatheException(TrainError.FILE_NOT_FOUND, file + ": cannot be read", e);
    }
  }

  /**
   * Parses a recipe.
   *
   * @param yaml the text
   * @param where what to call it in errors
   * @param directory where relative paths in it start
   * @return the recipe
   * @throws LatheException TOO_LARGE or BAD_RECIPE with key, line and column
   */
  public static Recipe parse(String yaml, String where, Path directory) {
    Values values = FormReader.read(YamlText.parse(yaml, where), RecipeForm.RECIPE, where);
    RecipeRules.check(values);
    Task task = values.choice("task", Task.class);
    Values stop = values.fields("early_stop");
    return new Recipe(
        values.text("model"),
        task,
        values.whole("seed"),
        data(values.fields("data"), directory, values.has("base")),
        values.has("base")
            ? base(values, directory)
            : ArchitectureKeys.read(values.fields("architecture")),
        values.has("loss") ? LossKeys.read(values.fields("loss")) : task.loss(),
        OptimizerKeys.read(values.fields("optimizer")),
        ScheduleKeys.read(values.fields("schedule")),
        UpdateKeys.read(values.fields("update")),
        LoraKeys.read(values),
        WiringKeys.read(values),
        values.small("epochs"),
        values.whole("steps"),
        values.small("batch"),
        MetricKeys.read(values, task),
        values.small("written"),
        new EarlyStop(stop.text("metric"), stop.small("patience")),
        values.fields("checkpoint").small("every"),
        release(values.fields("release"), directory),
        values.text("deploy"),
        yaml,
        directory);
  }

  private static ArchitectureRecipe base(Values values, Path directory) {
    String said = values.text("base");
    boolean version = RecipeForm.VERSION.matcher(said).matches() && !said.endsWith(".onnx");
    return new ArchitectureRecipe.Base(
        version ? Path.of("") : values.path("base", directory),
        version ? said : "",
        values.choice("head", LastLayer.class));
  }

  private static ReleaseRecipe release(Values values, Path directory) {
    return new ReleaseRecipe(
        values.text("message"), values.texts("files").stream().map(directory::resolve).toList());
  }

  private static DataRecipe data(Values data, Path directory, boolean based) {
    if (data.text("format").equals("parallel")) {
      return TextKeys.parallel(data, directory);
    }
    boolean text = SequenceKeys.isText(data);
    Preparation preparation =
        new Preparation(
            text ? List.of() : data.smalls("shape"),
            data.real("validation"),
            data.real("test_fraction"),
            text ? Normalization.NONE : data.choice("normalize", Normalization.class),
            text ? AugmentRecipe.NONE : ImageKeys.augment(data.fields("augment")));
    return switch (data.text("format")) {
      case "csv", "jsonl", "parquet" -> RecordKeys.read(data, directory, preparation);
      case "images" -> ImageKeys.read(data, directory, preparation);
      case "idx" ->
          new DataRecipe.Idx(
              pair(data, "train", directory), pair(data, "test", directory), preparation);
      case "text" -> TextKeys.text(data, preparation, directory, based);
      case "texts" -> SequenceKeys.texts(data, preparation, directory, based);
      case "conversations" -> ChatKeys.read(data, preparation, directory);
      case "conll" -> SequenceKeys.conll(data, preparation, directory, based);
      case "questions" -> QuestionKeys.read(data, preparation, directory);
      case "drawn_digits" ->
          new DataRecipe.DrawnDigits(
              data.small("train"), data.small("test"), data.whole("drawing_seed"), preparation);
      default -> new DataRecipe.InMemory(preparation);
    };
  }

  private static IdxPair pair(Values data, String part, Path directory) {
    return new IdxPair(
        data.path(part + "_images", directory), data.path(part + "_labels", directory));
  }
}
