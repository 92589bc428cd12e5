package dev.lathe.train;

import java.nio.file.Path;
import java.util.List;

/** Where examples come from and how they are prepared. */
public sealed interface DataRecipe {
  /**
   * How examples are split and normalized.
   *
   * @return the preparation
   */
  Preparation preparation();

  /**
   * What is done to examples of any format.
   *
   * @param shape the shape of one example, such as [1, 8, 8]; empty keeps what the data has
   * @param validation part of the training examples that is kept for validation, 0 to below 1
   * @param testFraction part of the examples that is kept for the test where no test data is named
   * @param normalization how features are normalized
   */
  record Preparation(
      List<Integer> shape, double validation, double testFraction, Normalization normalization) {
    /** Nothing split off, features as they are. */
    public static final Preparation NONE = new Preparation(List.of(), 0, 0, Normalization.NONE);

    /** Copies the shape. */
    public Preparation {
      shape = List.copyOf(shape);
    }
  }

  /**
   * A file of records, each with the same fields.
   *
   * @param format how the files hold them
   * @param train the training file
   * @param test the test file; an empty path means none
   * @param columns which fields are features and targets
   * @param window mebibytes: records that take more are not held in memory but read from the file
   *     in every epoch, shuffled among as many as fit
   * @param preparation what is done to the examples
   */
  record Records(
      RecordFormat format,
      Path train,
      Path test,
      Columns columns,
      int window,
      Preparation preparation)
      implements DataRecipe {
    /** The window where a recipe names none. */
    public static final int WINDOW = 128;

    /**
     * The window in bytes.
     *
     * @return a multiple of 2²⁰
     */
    public long windowBytes() {
      return (long) window << 20;
    }
  }

  /**
   * Which fields of a record are what: {@code first}, {@code last}, a name, or a place from 0.
   *
   * @param label the targets; several are allowed for regression
   * @param features the features; empty for all that are no targets
   */
  record Columns(List<String> label, List<String> features) {
    /** Copies the lists. */
    public Columns {
      label = List.copyOf(label);
      features = List.copyOf(features);
    }
  }

  /**
   * IDX files, plain or compressed by gzip, as MNIST is distributed.
   *
   * @param train training examples
   * @param test test examples; empty paths mean none
   * @param preparation what is done to the examples
   */
  record Idx(IdxPair train, IdxPair test, Preparation preparation) implements DataRecipe {}

  /**
   * Two IDX files that belong together.
   *
   * @param images examples, [N, ...]
   * @param labels one unsigned byte or integer for each example, [N]
   */
  record IdxPair(Path images, Path labels) {
    /** No files. */
    public static final IdxPair NONE = new IdxPair(Path.of(""), Path.of(""));
  }

  /**
   * Plain text in UTF-8, for language models.
   *
   * @param train the training file
   * @param test the test file; an empty path means none
   * @param length T, tokens that the network sees at once
   * @param vocabulary how text becomes tokens
   * @param preparation which parts at the end of the training file are kept for validation and test
   */
  record Text(
      Path train, Path test, int length, VocabularyRecipe vocabulary, Preparation preparation)
      implements DataRecipe {}

  /**
   * Synthetic drawings of the digits 0 to 9, 28×28 grey pixels of 0 to 255.
   *
   * @param train number of training drawings
   * @param test number of test drawings, by other writers
   * @param seed what they are drawn from
   * @param preparation what is done to the examples
   */
  record DrawnDigits(int train, int test, long seed, Preparation preparation)
      implements DataRecipe {}

  /**
   * Tensors that a program hands over beside the recipe.
   *
   * @param preparation what is done to the examples
   */
  record InMemory(Preparation preparation) implements DataRecipe {}
}
