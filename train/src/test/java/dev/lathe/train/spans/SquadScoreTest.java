package dev.lathe.train.spans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Against what the evaluation script of SQuAD 2.0 gives for the same answers. */
class SquadScoreTest {
  private static SquadScore judged(String answer, String... right) {
    SquadScore score = new SquadScore();
    score.add(answer, List.of(right));
    return score;
  }

  @Test
  void articlesCaseAndPunctuation_makeNoDifference() {
    assertThat(SquadScore.normal(" The  \"Old\" man, an\u00a0A-team! ")).isEqualTo("old man ateam");
    assertThat(judged("the Eiffel Tower.", "Eiffel tower").exactMatch()).isEqualTo(1);
    assertThat(judged("Theatre", "atre").exactMatch()).isZero();
  }

  @Test
  void f1_countsEachWordAsOftenAsItStandsThere() {
    SquadScore twice = judged("no no never", "no never ever");
    assertThat(twice.exactMatch()).isZero();
    assertThat(twice.f1()).isCloseTo(2.0 * 2 / 6, within(1e-12));
    assertThat(judged("blue", "red").f1()).isZero();
  }

  @Test
  void bestOfSeveralRightAnswers_counts() {
    SquadScore score = judged("in 1912", "1912", "the year 1912");
    assertThat(score.exactMatch()).isZero();
    assertThat(score.f1()).isCloseTo(2.0 / 3, within(1e-12));
  }

  @Test
  void noAnswer_isRightOnlyWhereThereIsNone() {
    SquadScore score = new SquadScore();
    score.add("", List.of());
    score.add("Paris", List.of());
    score.add("", List.of("Paris"));
    score.add("the", List.of());
    assertThat(score.questions()).isEqualTo(4);
    assertThat(score.exactMatch()).isEqualTo(0.5);
    assertThat(score.f1()).isEqualTo(0.5);
  }

  @Test
  void nothingJudged_isZero() {
    assertThat(new SquadScore().exactMatch()).isZero();
    assertThat(new SquadScore().f1()).isZero();
  }
}
