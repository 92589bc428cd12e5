package dev.lathe.train.metric;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import dev.lathe.train.Task;
import dev.lathe.train.metric.Scoring.Loss;
import dev.lathe.train.metric.Scoring.Seen;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Entities among tags, counted by hand. */
class EntityTest {
  private static final List<String> NAMES =
      List.of("entity_precision", "entity_recall", "entity_f1");

  /** Sentences of equal length; a {@code _} among the wanted tags does not count. */
  private static Map<String, Double> measured(List<String> wanted, List<String> found) {
    List<String> labels =
        Stream.concat(wanted.stream(), found.stream())
            .flatMap(tags -> Stream.of(tags.split(" ")))
            .filter(tag -> !tag.equals("_"))
            .distinct()
            .toList();
    int length = wanted.getFirst().split(" ").length;
    long[] targets = new long[wanted.size() * length];
    float[] scores = new float[targets.length * labels.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = labels.indexOf(wanted.get(i / length).split(" ")[i % length]);
      int best = labels.indexOf(found.get(i / length).split(" ")[i % length]);
      scores[i * labels.size() + best] = 1;
    }
    Question question = new Question(Task.TOKEN_CLASSIFICATION, labels.size(), -1, true, labels);
    Scoring scoring =
        Scoring.heldOut(
            NAMES.stream().map(name -> Metric.of(name).orElseThrow()).toList(), question);
    int n = wanted.size();
    scoring.add(
        new Seen(
            Tensor.ofFloats(scores, n, length, labels.size()),
            Tensor.ofLongs(targets, n, length),
            n),
        new Loss(0, n));
    return scoring.values();
  }

  @Test
  void precisionAndRecall_countWholeEntities() {
    Map<String, Double> values =
        measured(
            List.of("B-PER I-PER O B-LOC O", "O B-ORG O O B-LOC"),
            List.of("B-PER O O B-LOC O", "O B-ORG B-LOC O B-LOC"));
    assertThat(values.get("entity_precision")).isEqualTo(3 / 5.0);
    assertThat(values.get("entity_recall")).isEqualTo(3 / 4.0);
    assertThat(values.get("entity_f1")).isEqualTo(6 / 9.0);
  }

  /** Wanted and found say the same in two schemes, or differ in one border. */
  @ParameterizedTest
  @CsvSource({
    "B-A I-A B-A O, I-A I-A B-A O, 1",
    "B-A I-A B-A O, B-A E-A S-A O, 1",
    "B-A I-A B-A O, B-A L-A U-A O, 1",
    "B-A I-A B-B O, A A B O, 1",
    "B-A I-A B-A O, I-A I-A I-A O, 0",
    "B-A I-A O O, I-A I-B O O, 0",
    "O O B-A I-A, O O I-A I-A, 1"
  })
  void schemes_areToldApart(String wanted, String found, double f1) {
    assertThat(measured(List.of(wanted), List.of(found)).get("entity_f1")).isEqualTo(f1);
  }

  @Test
  void placesThatDoNotCount_areOutside() {
    Map<String, Double> values =
        measured(List.of("B-A I-A _ _", "O _ B-A O"), List.of("B-A I-A I-A B-A", "O B-A B-A O"));
    assertThat(values.get("entity_f1")).isEqualTo(1);
  }

  @Test
  void withoutEntities_thereIsNoValue() {
    assertThat(measured(List.of("O O"), List.of("O O"))).containsOnlyKeys("loss");
    assertThat(measured(List.of("O B-A"), List.of("O O")).get("entity_f1")).isZero();
  }
}
