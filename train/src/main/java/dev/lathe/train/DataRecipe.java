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
   * @param augment how training images are changed at random
   */
  record Preparation(
      List<Integer> shape,
      double validation,
      double testFraction,
      Normalization normalization,
      AugmentRecipe augment) {
    /** Nothing split off, features as they are. */
    public static final Preparation NONE = new Preparation(List.of(), 0, 0, Normalization.NONE);

    /** Copies the shape. */
    public Preparation {
      shape = List.copyOf(shape);
    }

    /**
     * Without changes at random.
     *
     * @param shape the shape of one example; empty keeps what the data has
     * @param validation part that is kept for validation
     * @param testFraction part that is kept for the test
     * @param normalization how features are normalized
     */
    public Preparation(
        List<Integer> shape, double validation, double testFraction, Normalization normalization) {
      this(shape, validation, testFraction, normalization, AugmentRecipe.NONE);
    }
  }

  /**
   * A file of records, each with the same fields.
   *
   * @param format how the files hold them
   * @param train the training file
   * @param validationFile what is watched; an empty path leaves it to the preparation
   * @param test the test file; an empty path means none
   * @param columns which fields are features and targets
   * @param window mebibytes: records that take more are not held in memory but read from the file
   *     in every epoch, shuffled among as many as fit
   * @param preparation what is done to the examples
   */
  record Records(
      RecordFormat format,
      Path train,
      Path validationFile,
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
   * @param label the targets; several are allowed for regression and for several labels
   * @param features the features; empty for all that are no targets
   * @param separator what stands between the labels of an example in a single target column; empty
   *     where each label has a column of its own
   * @param missing what becomes of features that are missing
   */
  record Columns(List<String> label, List<String> features, String separator, Missing missing) {
    /**
     * Columns of one value each.
     *
     * @param label the targets
     * @param features the features
     */
    public Columns(List<String> label, List<String> features) {
      this(label, features, "", Missing.ERROR);
    }

    /** Copies the lists. */
    public Columns {
      label = List.copyOf(label);
      features = List.copyOf(features);
    }
  }

  /**
   * Folders that have a folder of PNG or JPEG files for each class. The preparation's shape is [C,
   * H, W] with 1 or 3 channels; numbers are 0 to 255.
   *
   * @param train the training folder
   * @param test the test folder; an empty path means none
   * @param images how files become images
   * @param window mebibytes: images that take more, decoded, are decoded anew in every epoch
   * @param preparation what is done to the examples
   */
  record Images(Path train, Path test, ImageRecipe images, int window, Preparation preparation)
      implements DataRecipe {
    /** The window where a recipe names none. */
    public static final int WINDOW = 256;

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
   * Sentences and their translations, for the task translation: a line of one file belongs to the
   * same line of the other.
   *
   * @param train what is learned from, and what the vocabulary is learned from
   * @param validation what is watched; may be {@link Texts#NONE}
   * @param test what is translated in the end; may be {@link Texts#NONE}
   * @param length the most tokens of a sentence, its end among them; longer pairs are not learned
   *     from, and are cut where they are measured
   * @param vocabulary how text of both languages becomes tokens
   */
  record Parallel(
      Texts train, Texts validation, Texts test, int length, VocabularyRecipe vocabulary)
      implements DataRecipe {
    @Override
    public Preparation preparation() {
      return Preparation.NONE;
    }
  }

  /**
   * Two text files in UTF-8, plain or compressed by gzip, line by line.
   *
   * @param source sentences
   * @param target their translations
   */
  record Texts(Path source, Path target) {
    /** No files. */
    public static final Texts NONE = new Texts(Path.of(""), Path.of(""));
  }

  /**
   * Texts with a label each, in CSV whose first record names the columns, or in JSON Lines.
   *
   * @param train the training file; CSV if its name ends so
   * @param test the test file; an empty path means none
   * @param columns where texts and labels are
   * @param length the most tokens of a text that the network sees, with one at its beginning
   * @param vocabulary how text becomes tokens
   * @param preparation which parts are kept for validation and test
   */
  record LabelledTexts(
      Path train,
      Path test,
      TextColumns columns,
      int length,
      VocabularyRecipe vocabulary,
      Preparation preparation)
      implements DataRecipe {}

  /**
   * Names of columns.
   *
   * @param text where the text is
   * @param label where the label is
   */
  record TextColumns(String text, String label) {}

  /**
   * Conversations, questions with answers, or texts, for a language model that is trained further:
   * its own tokenizer and template make tokens of them.
   *
   * @param train the training file, an example as JSON in each line
   * @param validationFile what is watched; an empty path leaves it to the preparation
   * @param test the test file; an empty path means none
   * @param length the most tokens of an example; what is longer is cut
   * @param preparation which parts are kept for validation and test
   */
  record Conversations(
      Path train, Path validationFile, Path test, int length, Preparation preparation)
      implements DataRecipe {}

  /**
   * Sentences with a tag for each token, in columns as CoNLL has them.
   *
   * @param train the training file
   * @param test the test file; an empty path means none
   * @param length the most tokens that the network sees at once
   * @param vocabulary which words get a number, or what makes tokens of them
   * @param preparation which parts are kept for validation and test
   */
  record Tagged(
      Path train, Path test, int length, VocabularyRecipe vocabulary, Preparation preparation)
      implements DataRecipe {}

  /**
   * Questions with the texts that answer them, in JSON Lines as SQuAD has them. What is split off
   * has texts of its own.
   *
   * @param train the training file
   * @param test the test file; an empty path means none
   * @param windows how long texts are seen
   * @param vocabulary the most byte pairs that are learned; 0 for the tokenizer beside the base
   * @param preparation which parts are kept for validation and test
   */
  record Questions(
      Path train, Path test, TextWindows windows, int vocabulary, Preparation preparation)
      implements DataRecipe {}

  /**
   * How long texts are seen.
   *
   * @param length the most tokens that the network sees at once, question and all
   * @param stride tokens that neighbouring windows share, at most half of a window's text
   */
  record TextWindows(int length, int stride) {}

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
