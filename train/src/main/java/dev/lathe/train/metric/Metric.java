package dev.lathe.train.metric;

import dev.lathe.train.Task;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Something that is measured.
 *
 * @param kind what
 * @param most how many of the best classes count as right; 1 where that has no meaning
 */
public record Metric(Kind kind, int most) {
  /** Texts that are written after an epoch, to be judged, if a recipe does not say. */
  public static final int WRITTEN = 500;

  private static final Pattern TOP = Pattern.compile("top_([1-9][0-9]{0,4})_accuracy");

  private static final Set<Task> ONE_CLASS = EnumSet.complementOf(EnumSet.of(Task.REGRESSION));
  private static final Set<Task> CLASSES =
      EnumSet.of(
          Task.CLASSIFICATION, Task.BINARY, Task.TEXT_CLASSIFICATION, Task.TOKEN_CLASSIFICATION);
  private static final Set<Task> LABELS = with(CLASSES, Task.MULTI_LABEL);
  private static final Set<Task> LABELS_OR_ANSWERS = with(LABELS, Task.QUESTION_ANSWERING);
  private static final Set<Task> EXACT =
      EnumSet.of(
          Task.MULTI_LABEL,
          Task.LANGUAGE_MODEL,
          Task.TRANSLATION,
          Task.TOKEN_CLASSIFICATION,
          Task.QUESTION_ANSWERING);
  private static final Set<Task> TRANSLATED = EnumSet.of(Task.TRANSLATION);
  private static final Set<Task> SEVERAL =
      EnumSet.complementOf(
          EnumSet.of(Task.REGRESSION, Task.BINARY, Task.MULTI_LABEL, Task.QUESTION_ANSWERING));
  private static final Set<Task> TAGS = EnumSet.of(Task.TOKEN_CLASSIFICATION);
  private static final Set<Task> TEXT = EnumSet.of(Task.LANGUAGE_MODEL, Task.TRANSLATION);
  private static final Set<Task> NUMBERS = EnumSet.of(Task.REGRESSION);

  private static Set<Task> with(Set<Task> tasks, Task more) {
    Set<Task> all = EnumSet.copyOf(tasks);
    all.add(more);
    return all;
  }

  /** What can be measured. */
  public enum Kind {
    /** What training makes small. */
    LOSS("loss", Better.LESS, EnumSet.allOf(Task.class)),
    /**
     * Part of the places where the largest score is the target's; of several labels, part of the
     * right answers of all labels.
     */
    ACCURACY("accuracy", Better.MORE, ONE_CLASS),
    /** Part of the places where the target is among the k largest scores. */
    TOP_ACCURACY("top_k_accuracy", Better.MORE, SEVERAL),
    /** Right answers among those that name a class: of the second class, or the mean over all. */
    PRECISION("precision", Better.MORE, LABELS),
    /** Right answers among the examples of a class: of the second class, or the mean over all. */
    RECALL("recall", Better.MORE, LABELS),
    /**
     * Harmonic mean of precision and recall: of the second class, or the mean over all; of answers
     * to questions, the mean of their words' as SQuAD has it.
     */
    F1("f1", Better.MORE, LABELS_OR_ANSWERS),
    /** Precision over the answers of all classes together. */
    PRECISION_MICRO("precision_micro", Better.MORE, LABELS),
    /** Recall over the examples of all classes together. */
    RECALL_MICRO("recall_micro", Better.MORE, LABELS),
    /** Harmonic mean of both. */
    F1_MICRO("f1_micro", Better.MORE, LABELS),
    /**
     * Area under the curve of the receiver: how often an example of a class is scored above one of
     * another, ties counting half; the mean over classes, each against the rest. Measured on
     * validation and test parts only, since it needs all scores at once.
     */
    AUC("auc", Better.MORE, LABELS),
    /** How often each of up to 256 classes was taken for each; validation and test parts only. */
    CONFUSION("confusion", Better.MORE, CLASSES),
    /**
     * Part of the examples that are right at every place, or in every label; of answers to
     * questions, part of those that are a right one as SQuAD compares them.
     */
    EXACT_MATCH("exact_match", Better.MORE, EXACT),
    /** Right entities among those that are found, as conlleval counts them. */
    ENTITY_PRECISION("entity_precision", Better.MORE, TAGS),
    /** Right entities among those that there are. */
    ENTITY_RECALL("entity_recall", Better.MORE, TAGS),
    /** Harmonic mean of both. */
    ENTITY_F1("entity_f1", Better.MORE, TAGS),
    /** BLEU of translations, 0 to 100, as sacreBLEU computes it; not while training. */
    BLEU("bleu", Better.MORE, TRANSLATED),
    /** exp of the mean of -log softmax(y)[target]. */
    PERPLEXITY("perplexity", Better.LESS, TEXT),
    /** Mean squared error. */
    MSE("mse", Better.LESS, NUMBERS),
    /** Root of the mean squared error of all outputs. */
    RMSE("rmse", Better.LESS, NUMBERS),
    /** Mean absolute error. */
    MAE("mae", Better.LESS, NUMBERS),
    /** Explained part of the variation, the mean over outputs. */
    R2("r2", Better.MORE, NUMBERS);

    private final String key;
    private final Better better;
    private final Set<Task> tasks;

    Kind(String key, Better better, Set<Task> tasks) {
      this.key = key;
      this.better = better;
      this.tasks = tasks;
    }
  }

  private enum Better {
    MORE,
    LESS
  }

  /**
   * Reads a name.
   *
   * @param name such as {@code accuracy} or {@code top_5_accuracy}
   * @return the metric; empty if there is none
   */
  public static Optional<Metric> of(String name) {
    Matcher top = TOP.matcher(name);
    if (top.matches()) {
      return Optional.of(new Metric(Kind.TOP_ACCURACY, Integer.parseInt(top.group(1))));
    }
    return Stream.of(Kind.values())
        .filter(kind -> kind != Kind.TOP_ACCURACY && kind.key.equals(name))
        .map(kind -> new Metric(kind, 1))
        .findFirst();
  }

  /**
   * The name in recipes.
   *
   * @return the name in lower case
   */
  public String key() {
    return kind == Kind.TOP_ACCURACY ? "top_" + most + "_accuracy" : kind.key;
  }

  /**
   * Whether a metric is the better the larger it is.
   *
   * @param name its name
   * @return false for losses and errors
   */
  public static boolean isMoreBetter(String name) {
    return of(name).orElseThrow().kind.better == Better.MORE;
  }

  /**
   * Whether it is one number, that a run may be steered by.
   *
   * @return false for the confusion of classes
   */
  public boolean isNumber() {
    return kind != Kind.CONFUSION;
  }

  /**
   * Whether it is measured while training, and is part of checkpoints: not what needs all scores at
   * once, nor what looks at every score of every token, which would cost more than it tells.
   *
   * @param question what the model is asked
   * @return false if it is of validation and test parts only
   */
  boolean isSummed(Question question) {
    if (isWritten(question.task())) {
      return false;
    }
    if (TEXT.contains(question.task())) {
      return kind == Kind.PERPLEXITY && question.plainLoss();
    }
    return kind != Kind.AUC && kind != Kind.CONFUSION;
  }

  /**
   * Whether it judges texts that a model has written, and not its scores.
   *
   * @param task what the model is asked
   * @return true for BLEU, and for what judges answers to questions
   */
  public boolean isWritten(Task task) {
    return kind == Kind.BLEU
        || task == Task.QUESTION_ANSWERING && (kind == Kind.EXACT_MATCH || kind == Kind.F1);
  }

  /**
   * Whether it can be measured for a task.
   *
   * @param task the task
   * @return true if so
   */
  public boolean fits(Task task) {
    return kind.tasks.contains(task);
  }

  /**
   * What is measured if a recipe does not say.
   *
   * @param task the task
   * @return names
   */
  public static List<String> usual(Task task) {
    return switch (task) {
      case CLASSIFICATION, TEXT_CLASSIFICATION -> List.of("accuracy", "f1", "confusion");
      case TOKEN_CLASSIFICATION -> List.of("accuracy", "f1", "entity_f1", "confusion");
      case BINARY -> List.of("accuracy", "f1", "auc", "confusion");
      case MULTI_LABEL -> List.of("accuracy", "f1", "f1_micro", "exact_match");
      case REGRESSION -> List.of("mse", "mae", "r2");
      case LANGUAGE_MODEL -> List.of("perplexity");
      case TRANSLATION -> List.of("perplexity", "accuracy");
      case QUESTION_ANSWERING -> List.of("accuracy");
    };
  }

  /**
   * What can be measured.
   *
   * @return names, {@code top_5_accuracy} for all of its kind
   */
  public static List<String> names() {
    return Stream.of(Kind.values())
        .map(kind -> new Metric(kind, kind == Kind.TOP_ACCURACY ? 5 : 1).key())
        .toList();
  }

  /**
   * What can be measured for a task.
   *
   * @param task the task
   * @return names, {@code top_5_accuracy} for all of its kind
   */
  public static List<String> names(Task task) {
    return names().stream().filter(name -> of(name).orElseThrow().fits(task)).toList();
  }
}
