package dev.lathe.train.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Evaluation;
import dev.lathe.train.Task;
import dev.lathe.train.TrainError;
import dev.lathe.train.metric.Scoring.Loss;
import dev.lathe.train.metric.Scoring.Seen;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Expected numbers named after scikit-learn were computed by its version 1.9.1 from the same
 * numbers, which come from a congruential generator that both languages have.
 */
class ScoringTest {
  private static final int N = 300;
  private static final int NOTHING_IGNORED = -1;
  private static final Loss LOSS = new Loss(0.5, 10);

  private final Numbers numbers = new Numbers();

  /** x ← 1103515245·x + 12345 modulo 2³¹, without its low bits. */
  private static final class Numbers {
    private long state = 7;

    int below(int most) {
      state = (state * 1103515245L + 12345) % (1L << 31);
      return (int) ((state >> 8) % most);
    }

    /** Scores in steps of an eighth, so that many are equal. */
    float[] scores(int count) {
      float[] scores = new float[count];
      for (int i = 0; i < count; i++) {
        scores[i] = below(33) / 8f - 2;
      }
      return scores;
    }
  }

  /** A classifier of four classes that knows a little. */
  private Seen four() {
    float[] scores = numbers.scores(N * 4);
    long[] targets = new long[N];
    for (int n = 0; n < N; n++) {
      int rare = numbers.below(10);
      targets[n] = rare < 9 ? numbers.below(3) : 3;
    }
    for (int n = 0; n < N; n++) {
      scores[4 * n + (int) targets[n]] += numbers.below(2) == 0 ? 1 : 0;
    }
    return new Seen(Tensor.ofFloats(scores, N, 4), Tensor.ofLongs(targets, N), N);
  }

  private Seen two() {
    float[] scores = numbers.scores(N);
    float[] targets = new float[N];
    for (int n = 0; n < N; n++) {
      targets[n] = numbers.below(2);
    }
    for (int n = 0; n < N; n++) {
      scores[n] += numbers.below(3) == 0 ? 2 * targets[n] - 1 : 0;
    }
    return new Seen(Tensor.ofFloats(scores, N, 1), Tensor.ofFloats(targets, N, 1), N);
  }

  private Seen plane() {
    float[] found = numbers.scores(N * 2);
    float[] off = numbers.scores(N * 2);
    float[] wanted = new float[N * 2];
    for (int i = 0; i < found.length; i++) {
      int far = i % 2 == 0 ? 10_000 : 0;
      wanted[i] = found[i] + off[i] / 4 + far;
      found[i] += far;
    }
    return new Seen(Tensor.ofFloats(found, N, 2), Tensor.ofFloats(wanted, N, 2), N);
  }

  private static Question question(Task task, int outputs) {
    return new Question(task, outputs, NOTHING_IGNORED, true, List.of());
  }

  private static List<Metric> metrics(String... names) {
    return Arrays.stream(names).map(name -> Metric.of(name).orElseThrow()).toList();
  }

  private static void add(Scoring scoring, Seen seen) {
    scoring.add(seen, LOSS);
  }

  @Test
  void classes_haveScikitLearnsNumbers() {
    Scoring scoring =
        Scoring.heldOut(
            metrics(
                "accuracy",
                "precision",
                "recall",
                "f1",
                "precision_micro",
                "recall_micro",
                "f1_micro",
                "top_2_accuracy",
                "auc",
                "confusion"),
            question(Task.CLASSIFICATION, 4));
    add(scoring, four());
    Map<String, Double> values = scoring.values();
    assertThat(values.get("accuracy")).isCloseTo(0.36333333333333334, within(1e-14));
    assertThat(values.get("precision")).isCloseTo(0.34904724936370507, within(1e-14));
    assertThat(values.get("recall")).isCloseTo(0.34231945230459665, within(1e-14));
    assertThat(values.get("f1")).isCloseTo(0.3420762384187587, within(1e-14));
    assertThat(values.get("precision_micro")).isEqualTo(values.get("accuracy"));
    assertThat(values.get("recall_micro")).isEqualTo(values.get("accuracy"));
    assertThat(values.get("f1_micro")).isCloseTo(0.36333333333333334, within(1e-14));
    assertThat(values.get("top_2_accuracy")).isCloseTo(0.5633333333333334, within(1e-14));
    assertThat(values.get("auc")).isCloseTo(0.6051069722787703, within(1e-6));
    Evaluation evaluation = scoring.evaluation("test");
    assertThat(evaluation.confusion())
        .isEqualTo(
            List.of(
                List.of(33L, 15L, 18L, 15L),
                List.of(22L, 33L, 16L, 17L),
                List.of(21L, 21L, 35L, 16L),
                List.of(15L, 10L, 5L, 8L)));
    assertThat(evaluation.classes().getLast().precision()).isCloseTo(8 / 56.0, within(1e-14));
    assertThat(evaluation.classes().getLast().f1()).isCloseTo(0.17021276595744, within(1e-13));
    assertThat(evaluation.classes().getLast().examples()).isEqualTo(38);
  }

  @Test
  void twoClasses_haveScikitLearnsNumbers() {
    four();
    Scoring scoring =
        Scoring.heldOut(
            metrics("accuracy", "precision", "recall", "f1", "auc", "confusion"),
            question(Task.BINARY, 1));
    add(scoring, two());
    Map<String, Double> values = scoring.values();
    assertThat(values.get("accuracy")).isCloseTo(0.5766666666666667, within(1e-14));
    assertThat(values.get("precision")).isCloseTo(0.5625, within(1e-14));
    assertThat(values.get("recall")).isCloseTo(0.5586206896551724, within(1e-14));
    assertThat(values.get("f1")).isCloseTo(0.5605536332179931, within(1e-14));
    assertThat(values.get("auc")).isCloseTo(0.6260956618464961, within(1e-14));
    assertThat(scoring.evaluation("test").confusion())
        .isEqualTo(List.of(List.of(92L, 63L), List.of(64L, 81L)));
  }

  @Test
  void numbers_haveScikitLearnsErrorsAlsoFarFromZero() {
    four();
    two();
    Scoring scoring =
        Scoring.heldOut(metrics("mse", "rmse", "mae", "r2"), question(Task.REGRESSION, 2));
    add(scoring, plane());
    Map<String, Double> values = scoring.values();
    assertThat(values.get("mse")).isCloseTo(0.08976888020833333, within(1e-14));
    assertThat(values.get("rmse")).isCloseTo(0.2996145527312272, within(1e-14));
    assertThat(values.get("mae")).isCloseTo(0.260625, within(1e-14));
    assertThat(values.get("r2")).isCloseTo(0.9416326175209822, within(1e-12));
  }

  private Seen labels() {
    float[] scores = numbers.scores(N * 3);
    float[] marks = new float[N * 3];
    for (int i = 0; i < marks.length; i++) {
      marks[i] = numbers.below(2);
    }
    for (int i = 0; i < marks.length; i++) {
      scores[i] += numbers.below(2) == 0 ? 3 * marks[i] - 1.5f : 0;
    }
    return new Seen(Tensor.ofFloats(scores, N, 3), Tensor.ofFloats(marks, N, 3), N);
  }

  @Test
  void severalLabels_haveScikitLearnsNumbers() {
    four();
    two();
    plane();
    Scoring scoring =
        Scoring.heldOut(
            metrics(
                "accuracy",
                "precision",
                "recall",
                "f1",
                "precision_micro",
                "recall_micro",
                "f1_micro",
                "exact_match",
                "auc"),
            question(Task.MULTI_LABEL, 3));
    add(scoring, labels());
    Map<String, Double> values = scoring.values();
    assertThat(values.get("accuracy")).isCloseTo(0.6966666666666667, within(1e-14));
    assertThat(values.get("precision")).isCloseTo(0.6911410732473748, within(1e-14));
    assertThat(values.get("recall")).isCloseTo(0.7197937024223046, within(1e-14));
    assertThat(values.get("f1")).isCloseTo(0.705040627362056, within(1e-14));
    assertThat(values.get("precision_micro")).isCloseTo(0.6919831223628692, within(1e-14));
    assertThat(values.get("recall_micro")).isCloseTo(0.7208791208791209, within(1e-14));
    assertThat(values.get("f1_micro")).isCloseTo(0.7061356297093649, within(1e-14));
    assertThat(values.get("exact_match")).isCloseTo(0.34, within(1e-14));
    assertThat(values.get("auc")).isCloseTo(0.7757919897809056, within(1e-14));
    assertThat(scoring.evaluation("test").classes()).hasSize(3);
  }

  @Test
  void halvesTakenUpFromText_areAsTheWhole() {
    Seen all = four();
    List<Metric> asked = metrics("accuracy", "f1", "top_2_accuracy", "auc");
    Question question = question(Task.CLASSIFICATION, 4);
    Scoring whole = Scoring.training(asked, question);
    add(whole, part(all, 0, 100));
    add(whole, part(all, 100, 300));
    Scoring first = Scoring.training(asked, question);
    add(first, part(all, 0, 100));
    Scoring second = Scoring.training(asked, question);
    second.take(first.text());
    add(second, part(all, 100, 300));

    assertThat(second.values()).isEqualTo(whole.values()).doesNotContainKey("auc").hasSize(4);
    assertThat(second.text()).isEqualTo(whole.text());
    Scoring other = Scoring.training(metrics("accuracy"), question(Task.CLASSIFICATION, 3));
    assertThatThrownBy(() -> other.take(whole.text()))
        .hasFieldOrPropertyWithValue("code", TrainError.CHECKPOINT_CORRUPT);
    second.clear();
    assertThat(second.values()).isEmpty();
  }

  private static Seen part(Seen all, int from, int to) {
    float[] scores = Arrays.copyOfRange(all.scores().toFloats(), 4 * from, 4 * to);
    long[] targets = Arrays.copyOfRange(all.targets().toLongs(), from, to);
    int count = to - from;
    return new Seen(Tensor.ofFloats(scores, count, 4), Tensor.ofLongs(targets, count), count);
  }

  /** Two texts of three tokens out of three; the third example of the batch only fills it up. */
  @Test
  void texts_countTokensThatAreNotPaddingOnly() {
    float[] scores = {
      2, 0, 0, 0, 3, 0, 0, 0, 9, // right, right, padding
      0, 1, 0, 0, 1, 0, 4, 0, 0, // right, right, wrong
      0, 0, 0, 0, 0, 0, 0, 0, 0
    };
    long[] targets = {0, 1, -1, 1, 1, 2, 0, 0, 0};
    Seen seen = new Seen(Tensor.ofFloats(scores, 3, 3, 3), Tensor.ofLongs(targets, 3, 3), 2);
    Question smoothed = new Question(Task.LANGUAGE_MODEL, 3, NOTHING_IGNORED, false, List.of());
    Scoring scoring =
        Scoring.heldOut(
            metrics("accuracy", "exact_match", "perplexity", "top_2_accuracy"), smoothed);
    add(scoring, seen);
    double surprise = (surprise(2, 2) + surprise(3, 3) + 2 * surprise(1, 1) + surprise(4, 0)) / 5;
    assertThat(scoring.values())
        .containsEntry("accuracy", 4 / 5.0)
        .containsEntry("exact_match", 1 / 2.0)
        .containsEntry("top_2_accuracy", 4 / 5.0)
        .hasEntrySatisfying(
            "perplexity", p -> assertThat(p).isCloseTo(Math.exp(surprise), within(1e-9)));

    Scoring training = Scoring.training(metrics("accuracy", "perplexity"), smoothed);
    add(training, seen);
    assertThat(training.values()).isEqualTo(Map.of("loss", 0.5));
    Scoring plain = Scoring.training(metrics("perplexity"), question(Task.LANGUAGE_MODEL, 3));
    add(plain, seen);
    assertThat(plain.values()).containsEntry("perplexity", Math.exp(0.5));
  }

  /** Of scores (large, 0, 0), how surprising the class is whose score is given. */
  private static double surprise(double large, double score) {
    return Math.log(Math.exp(large) + 2) - score;
  }

  @Test
  void ignoredClass_countsNowhere() {
    Question question = new Question(Task.CLASSIFICATION, 2, 1, true, List.of("a", "b"));
    Scoring scoring =
        Scoring.heldOut(metrics("accuracy", "confusion", "auc", "top_1_accuracy"), question);
    float[] scores = {1, 0, 0, 1, 0, 1};
    Tensor targets = Tensor.ofLongs(new long[] {0, 1, 1}, 3);
    add(scoring, new Seen(Tensor.ofFloats(scores, 3, 2), targets, 3));
    assertThat(scoring.values())
        .containsEntry("accuracy", 1.0)
        .containsEntry("top_1_accuracy", 1.0)
        .doesNotContainKey("auc");
    assertThat(scoring.evaluation("test").confusion())
        .isEqualTo(List.of(List.of(1L, 0L), List.of(0L, 0L)));
    assertThat(scoring.evaluation("test").classes()).extracting("label").containsExactly("a", "b");
  }

  @Test
  void whereNoTargetCounts_thereIsNoLossAndNoPerplexity() {
    Scoring plain = Scoring.heldOut(metrics("perplexity"), question(Task.LANGUAGE_MODEL, 4));
    assertThat(plain.values()).isEmpty();
    plain.add(four(), new Loss(0, 0));
    assertThat(plain.values()).isEmpty();
    plain.add(four(), new Loss(2, 3));
    assertThat(plain.values()).isEqualTo(Map.of("loss", 2.0, "perplexity", Math.exp(2)));
  }

  /** Against the definition: of all pairs, those in order, ties counting half. */
  @Test
  void area_isThePartOfPairsInOrder() {
    for (int seed = 0; seed < 20; seed++) {
      Random random = new Random(seed);
      int size = 2 + random.nextInt(60);
      float[] scores = new float[size];
      int[] sides = new int[size];
      Ranks ranks = new Ranks(1000, 16);
      for (int i = 0; i < size; i++) {
        scores[i] = random.nextInt(3) == 0 ? -0f : (random.nextInt(9) - 4) / 4f;
        sides[i] = i < 2 ? i : random.nextInt(2);
        ranks.add(scores[i], sides[i]);
      }
      double pairs = 0;
      double inOrder = 0;
      for (int i = 0; i < size; i++) {
        for (int j = 0; j < size; j++) {
          if (sides[i] == 1 && sides[j] == 0) {
            pairs++;
            inOrder += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
          }
        }
      }
      assertThat(ranks.area()).as("seed %d", seed).isEqualTo(inOrder / pairs);
    }
  }

  @Test
  void areaOfMoreThanIsKept_isNearTheExactOne() {
    Random random = new Random(1);
    Ranks exact = new Ranks(1 << 20, 16);
    Ranks bounded = new Ranks(1 << 10, 16);
    Ranks coarse = new Ranks(1 << 10, 19);
    for (int i = 0; i < 100_000; i++) {
      int side = random.nextInt(2);
      float score = (float) (random.nextGaussian() + side);
      exact.add(score, side);
      bounded.add(score, side);
      coarse.add(score, side);
    }
    assertThat(bounded.area()).isNotEqualTo(exact.area()).isCloseTo(exact.area(), within(1e-4));
    assertThat(coarse.area()).isCloseTo(exact.area(), within(1e-2));
    assertThat(new Ranks(256).area()).isNaN();
  }

  @Test
  void areaOfTooManyClasses_isRefused() {
    assertThatThrownBy(() -> Scoring.heldOut(metrics("auc"), question(Task.CLASSIFICATION, 300)))
        .hasMessage("metrics: auc of 300 classes (expected: at most 256)");
  }

  @Test
  void everyMetric_hasATaskAndADirection() {
    for (String name : Metric.names()) {
      Metric metric = Metric.of(name).orElseThrow();
      assertThat(metric.key()).isEqualTo(name);
      assertThat(Arrays.stream(Task.values()).filter(metric::fits)).isNotEmpty();
    }
    for (String less : List.of("loss", "mse", "rmse", "mae", "perplexity")) {
      assertThat(Metric.isMoreBetter(less)).isFalse();
    }
    for (String more : List.of("accuracy", "auc", "f1", "r2", "top_3_accuracy", "exact_match")) {
      assertThat(Metric.isMoreBetter(more)).isTrue();
    }
    assertThat(Metric.of("top_0_accuracy")).isEmpty();
    for (Task task : Task.values()) {
      assertThat(Metric.names(task)).containsAll(Metric.usual(task));
    }
  }
}
