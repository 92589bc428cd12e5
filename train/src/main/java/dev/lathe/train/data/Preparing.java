package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.prepare.ImageShape;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.Missing;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.image.AugmentedPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Follows a recipe from its data to examples that are ready to batch. */
public final class Preparing {
  private static final long SPLIT = 1;

  private final Recipe recipe;
  private final Preparation preparation;

  private final Missing missing;

  private Preparing(Recipe recipe) {
    this(recipe, Missing.ERROR);
  }

  private Preparing(Recipe recipe, Missing missing) {
    this.recipe = recipe;
    this.preparation = recipe.data().preparation();
    this.missing = missing;
  }

  /** Examples with NaN where a number is missing. */
  Preparing filling(Missing by) {
    return new Preparing(recipe, by);
  }

  /**
   * Reads or draws what the recipe names.
   *
   * @param recipe the recipe
   * @return the examples
   * @throws LatheException FILE_NOT_FOUND, BAD_DATA with file, line and column, TOO_LARGE,
   *     BAD_RECIPE if data and recipe do not fit
   */
  public static PreparedData of(Recipe recipe) {
    return of(recipe, new CancelToken());
  }

  /**
   * Reads or draws what the recipe names, as long as somebody wants it.
   *
   * @param recipe the recipe
   * @param cancel asks for a stop; conversations and questions look at it at each line, other data
   *     when they are read
   * @return the examples
   * @throws LatheException CANCELLED, and as {@link #of(Recipe)}
   */
  public static PreparedData of(Recipe recipe, CancelToken cancel) {
    PreparedData read = read(recipe, cancel);
    cancel.requireWanted("reading the data");
    return read;
  }

  private static PreparedData read(Recipe recipe, CancelToken cancel) {
    return switch (recipe.data()) {
      case DataRecipe.Text text -> PreparingText.of(recipe, text);
      case DataRecipe.LabelledTexts texts -> PreparingTexts.of(recipe, texts);
      case DataRecipe.Tagged tagged -> PreparingTagged.of(recipe, tagged);
      case DataRecipe.Conversations chats -> PreparingConversations.of(recipe, chats, cancel);
      case DataRecipe.Questions questions -> PreparingQuestions.of(recipe, questions, cancel);
      case DataRecipe.Parallel parallel -> PreparingTranslation.of(parallel, recipe.batch());
      case DataRecipe.Records records ->
          PreparingRecords.of(recipe, records, new Preparing(recipe));
      case DataRecipe.Images images -> PreparingImages.of(recipe, images, new Preparing(recipe));
      case DataRecipe.Idx _, DataRecipe.DrawnDigits _, DataRecipe.InMemory _ -> {
        Sources sources = Sources.of(recipe.data(), recipe.task());
        yield new Preparing(recipe).all(sources.train(), sources.test());
      }
    };
  }

  /**
   * Prepares examples in memory.
   *
   * @param recipe the recipe
   * @param data the examples
   * @return the examples
   * @throws LatheException BAD_DATA or BAD_RECIPE if data and recipe do not fit
   */
  public static PreparedData of(Recipe recipe, Dataset data) {
    if (!(recipe.data() instanceof DataRecipe.InMemory)) {
      throw bad("data.format names data (expected: in_memory, since examples are handed over)");
    }
    return new Preparing(recipe).all(data, List.of());
  }

  PreparedData all(Dataset source, List<Dataset> testSource) {
    return all(source, List.of(), testSource);
  }

  /** With validation and test data of their own, at most one each; none leaves it to the split. */
  PreparedData all(Dataset source, List<Dataset> watched, List<Dataset> testSource) {
    requireTask(source);
    requireLabels(source, source.labels());
    Examples raw = new Examples(source.x(), source.y()).shaped(dims(source));
    int[] order = new Dice(recipe.seed(), SPLIT).permutation(raw.size());
    int testCount = (int) (raw.size() * preparation.testFraction());
    int validationCount = (int) (raw.size() * preparation.validation());
    int[] kept = Arrays.copyOfRange(order, testCount + validationCount, order.length);
    Arrays.sort(kept);
    if (kept.length == 0) {
      throw bad("data: " + raw.size() + " examples leave nothing to train on after the split");
    }
    Examples train = raw.pick(kept);
    Examples validation =
        watched.isEmpty()
            ? raw.pick(Arrays.copyOfRange(order, testCount, testCount + validationCount))
            : like(source, watched.getFirst());
    Examples test =
        testSource.isEmpty()
            ? raw.pick(Arrays.copyOf(order, testCount))
            : like(source, testSource.getFirst());
    Normalizer normalizer = Normalizer.of(preparation.normalization(), missing, train.x());
    return new PreparedData(
        augmented(source, train, normalizer),
        finished(validation, normalizer),
        finished(test, normalizer),
        normalizer,
        answers(source, train),
        digests(source, watched, testSource));
  }

  private Outputs answers(Dataset source, Examples train) {
    return switch (recipe.task()) {
      case REGRESSION -> new Outputs(Math.toIntExact(train.y().dim(1)), List.of(), Map.of());
      case BINARY -> new Outputs(1, source.labels(), Map.of());
      case MULTI_LABEL -> labels(source);
      case CLASSIFICATION -> new Outputs(source.labels().size(), source.labels(), Map.of());
      case LANGUAGE_MODEL,
          TRANSLATION,
          TEXT_CLASSIFICATION,
          TOKEN_CLASSIFICATION,
          QUESTION_ANSWERING ->
          throw notText();
    };
  }

  private static Outputs labels(Dataset source) {
    int count = Math.toIntExact(source.y().dim(1));
    boolean named = source.labels().size() == count;
    List<String> numbered = IntStream.range(0, count).mapToObj(Integer::toString).toList();
    return new Outputs(count, named ? source.labels() : numbered, Map.of());
  }

  private LatheException notText() {
    return bad("task: " + recipe.task().key() + " takes text (expected: a data.format of text)");
  }

  private Part augmented(Dataset source, Examples train, Normalizer normalizer) {
    if (preparation.augment().equals(AugmentRecipe.NONE)) {
      return finished(train, normalizer);
    }
    Part raw = recipe.task() == Task.BINARY ? train.binary() : train;
    ImageShape shape = imageShape(source);
    return new AugmentedPart(raw, shape, preparation.augment(), normalizer);
  }

  /** What is an image is known from the recipe or from the data, whatever the network takes. */
  private ImageShape imageShape(Dataset source) {
    long[] dims =
        preparation.shape().isEmpty()
            ? Arrays.copyOfRange(source.x().dims(), 1, source.x().rank())
            : preparation.shape().stream().mapToLong(Integer::longValue).toArray();
    if (dims.length != 2 && dims.length != 3) {
      throw bad(
          "data.augment: examples "
              + Arrays.toString(dims)
              + " (expected: images, such as data.shape: [1, 28, 28])");
    }
    int[] sides = LongStream.of(image(dims)).mapToInt(Math::toIntExact).toArray();
    return new ImageShape(sides[0], sides[1], sides[2]);
  }

  private Examples finished(Examples raw, Normalizer normalizer) {
    Examples normalized = new Examples(normalizer.apply(raw.x()), raw.y());
    return recipe.task() == Task.BINARY ? normalized.binary() : normalized;
  }

  /** Examples of another file than the training's. */
  private Examples like(Dataset source, Dataset other) {
    long width = Examples.rowSize(source.x());
    long found = Examples.rowSize(other.x());
    if (found != width) {
      throw new LatheException(
          TrainError.BAD_DATA,
          other.source() + ": " + found + " features (expected: " + width + " as in training)");
    }
    requireLabels(other, source.labels());
    return new Examples(other.x(), other.y()).shaped(dims(source));
  }

  private static void requireMarks(Dataset data) {
    for (long i = 0; data.y().type() == ElementType.FLOAT && i < data.y().size(); i++) {
      double mark = data.y().doubleAt(i);
      if (mark != 0 && mark != 1) {
        throw new LatheException(
            TrainError.BAD_DATA,
            data.source()
                + ": example "
                + i / data.y().dim(1)
                + ", label "
                + i % data.y().dim(1)
                + ": "
                + mark
                + " (expected: 0 or 1)");
      }
    }
  }

  private static void requireLabels(Dataset data, List<String> labels) {
    for (long i = 0; data.y().type() == ElementType.INT64 && i < data.y().size(); i++) {
      long label = data.y().longAt(i);
      if (label < 0 || label >= labels.size()) {
        String named = String.join(", ", labels.stream().limit(8).toList());
        throw new LatheException(
            TrainError.BAD_DATA,
            data.source()
                + ": label "
                + label
                + " of example "
                + i
                + " (expected: 0 to "
                + (labels.size() - 1)
                + ", the classes "
                + named
                + (labels.size() > 8 ? ", ..." : "")
                + ")");
      }
    }
  }

  private void requireTask(Dataset source) {
    boolean classes = source.y().type() == ElementType.INT64;
    boolean numbers = recipe.task() == Task.REGRESSION || recipe.task() == Task.MULTI_LABEL;
    if (recipe.task() == Task.MULTI_LABEL) {
      requireMarks(source);
    }
    if (classes == numbers) {
      throw bad(
          "task: "
              + recipe.task().key()
              + " does not fit targets "
              + source.y()
              + " of "
              + source.source());
    }
    requireClasses(source.labels().size(), source.source());
  }

  void requireClasses(int found, String source) {
    boolean fits =
        switch (recipe.task()) {
          case CLASSIFICATION -> found >= 2;
          case BINARY -> found == 2;
          case REGRESSION, MULTI_LABEL -> true;
          case LANGUAGE_MODEL,
              TRANSLATION,
              TEXT_CLASSIFICATION,
              TOKEN_CLASSIFICATION,
              QUESTION_ANSWERING ->
              throw notText();
        };
    if (!fits) {
      throw new LatheException(
          TrainError.BAD_DATA,
          source
              + ": "
              + found
              + " classes (expected: "
              + (recipe.task() == Task.BINARY ? "2" : "at least 2")
              + " for task "
              + recipe.task().key()
              + ")");
    }
  }

  /** The shape of one example as the network takes it. */
  private long[] dims(Dataset source) {
    long[] found = Arrays.copyOfRange(source.x().dims(), 1, source.x().rank());
    return dims(found, source.source());
  }

  /** The shape of one example as the network takes it, for data of another shape. */
  long[] dims(long[] found, String source) {
    long width = Tensor.sizeOf(found);
    long[] dims =
        preparation.shape().isEmpty()
            ? found
            : preparation.shape().stream().mapToLong(Integer::longValue).toArray();
    if (Tensor.sizeOf(dims) != width) {
      throw bad(
          "data.shape: "
              + Arrays.toString(dims)
              + " has "
              + Tensor.sizeOf(dims)
              + " elements (expected: "
              + width
              + ", the features of "
              + source
              + ")");
    }
    return switch (recipe.architecture()) {
      case ArchitectureRecipe.Cnn _, ArchitectureRecipe.ResNet _, ArchitectureRecipe.Depthwise _ ->
          image(dims);
      case ArchitectureRecipe.Base _ when !preparation.shape().isEmpty() -> dims;
      case ArchitectureRecipe.Base _,
          ArchitectureRecipe.Linear _,
          ArchitectureRecipe.Mlp _,
          ArchitectureRecipe.Gpt _,
          ArchitectureRecipe.Llama _,
          ArchitectureRecipe.EncoderDecoder _,
          ArchitectureRecipe.Encoder _,
          ArchitectureRecipe.Recurrent _ ->
          new long[] {width};
    };
  }

  private static long[] image(long[] dims) {
    return switch (dims.length) {
      case 2 -> new long[] {1, dims[0], dims[1]};
      case 3 -> dims;
      default ->
          throw bad(
              "data.shape: "
                  + Arrays.toString(dims)
                  + " (expected: [channels, height, width], since the network takes images)");
    };
  }

  private static List<DataDigest> digests(
      Dataset source, List<Dataset> watched, List<Dataset> test) {
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", source));
    watched.forEach(v -> digests.add(digest("validation", v)));
    test.forEach(t -> digests.add(digest("test", t)));
    return digests;
  }

  private static DataDigest digest(String role, Dataset data) {
    return new DataDigest(role, data.source(), data.sha256(), data.size(), data.leftOut());
  }

  private static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_RECIPE, message);
  }
}
