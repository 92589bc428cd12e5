package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ErrorKind;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.ModelStatistics.Total;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TallyTest {
  private static final ModelVersion MODEL = version("v1");

  @Test
  void freshVersion_hasDoneNothing() {
    ModelStatistics none = new Tally(MODEL).snapshot();
    assertThat(none.model()).isEqualTo(MODEL);
    assertThat(none.loaded()).isFalse();
    assertThat(none.lastInferenceMillis()).isZero();
    assertThat(none.inferences()).isZero();
    assertThat(none.executions()).isZero();
    assertThat(none.totals().success()).isEqualTo(Total.NONE);
    assertThat(none.batches()).isEmpty();
    assertThat(none.failures()).isEmpty();
  }

  @Test
  void requestsOfASharedRun_countEachWithTheWholeRunsTime() {
    Tally tally = new Tally(MODEL);
    InferResponse.Timing timing = new InferResponse.Timing(5, 10, 100, 1, 2, 7);
    long before = System.currentTimeMillis();
    tally.ran(timing);
    tally.answered(timing, 120);
    tally.answered(timing, 130);
    ModelStatistics now = tally.snapshot();
    assertThat(now.lastInferenceMillis()).isBetween(before, System.currentTimeMillis());
    assertThat(now.inferences()).isEqualTo(7);
    assertThat(now.executions()).isEqualTo(1);
    assertThat(now.totals().success()).isEqualTo(new Total(2, 250));
    assertThat(now.totals().queue()).isEqualTo(new Total(2, 10));
    assertThat(now.totals().computeInput()).isEqualTo(new Total(2, 20));
    assertThat(now.totals().computeInfer()).isEqualTo(new Total(2, 200));
    assertThat(now.totals().computeOutput()).isEqualTo(new Total(2, 2));
    assertThat(now.batches())
        .containsExactly(
            new ModelStatistics.OfSize(7, new Total(1, 10), new Total(1, 100), new Total(1, 1)));
  }

  @Test
  void failures_areCountedByKindAndNotAsInferences() {
    Tally tally = new Tally(MODEL);
    tally.failed(ErrorKind.EXHAUSTED, 3);
    tally.failed(ErrorKind.EXHAUSTED, 4);
    tally.failed(ErrorKind.INVALID, 5);
    ModelStatistics now = tally.snapshot();
    assertThat(now.totals().fail()).isEqualTo(new Total(3, 12));
    assertThat(now.failures()).isEqualTo(Map.of(ErrorKind.EXHAUSTED, 2L, ErrorKind.INVALID, 1L));
    assertThat(now.totals().success().count()).isZero();
    assertThat(now.lastInferenceMillis()).isZero();
  }

  @Test
  void answerOfTheCache_isASuccessWithoutARun() {
    Tally tally = new Tally(MODEL);
    tally.hit(2, 3);
    tally.answered(new InferResponse.Timing(0, 0, 0, 0, 0, 0), 4);
    tally.missed(4);
    ModelStatistics now = tally.snapshot();
    assertThat(now.totals().success()).isEqualTo(new Total(1, 3));
    assertThat(now.totals().cacheHit()).isEqualTo(new Total(1, 2));
    assertThat(now.totals().cacheMiss()).isEqualTo(new Total(1, 4));
    assertThat(now.inferences()).isZero();
  }

  @Test
  void sizesBeyondTheLimit_countInAllFiguresButThoseBySize() {
    Tally tally = new Tally(MODEL);
    for (int rows = 1; rows <= Tally.MOST_SIZES + 10; rows++) {
      tally.ran(new InferResponse.Timing(0, 1, 1, 1, 1, rows));
    }
    assertThat(tally.snapshot().batches()).hasSize(Tally.MOST_SIZES);
    assertThat(tally.snapshot().executions()).isEqualTo(Tally.MOST_SIZES + 10);
  }

  @Test
  void versionLoadedAgain_goesOnCountingWhereItStopped() {
    Tallies tallies = new Tallies(1);
    Tally first = tallies.open(MODEL);
    first.failed(ErrorKind.INVALID, 1);
    tallies.close(MODEL);
    assertThat(tallies.open(MODEL)).isSameAs(first);
  }

  @Test
  void closedVersions_areForgottenBeyondTheLimit() {
    Tallies tallies = new Tallies(2);
    for (String name : new String[] {"v1", "v2", "v3"}) {
      tallies.open(version(name));
      tallies.close(version(name));
    }
    assertThat(tallies.all())
        .extracting(tally -> tally.snapshot().model().version())
        .containsExactly("v2", "v3");
  }

  private static ModelVersion version(String version) {
    return new ModelVersion(ModelName.parse("demo/m"), version);
  }
}
