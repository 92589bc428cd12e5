package dev.lathe.generate.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.generate.GenerateEvent.Scored;
import dev.lathe.generate.Sampling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The sampler against a plain one that sorts lists, on random scores and settings. */
class SamplerTest {
  private static final int VOCABULARY = 97;

  private final Sampler sampler = new Sampler(VOCABULARY);

  private record Weighed(int token, double weight) {}

  /** As the papers say it, with whole lists. */
  private static List<Weighed> naive(float[] scores, Sampling sampling) {
    double most = Double.NEGATIVE_INFINITY;
    for (float score : scores) {
      most = Math.max(most, score);
    }
    List<Weighed> all = new ArrayList<>();
    for (int i = 0; i < scores.length; i++) {
      double weight = Math.exp((scores[i] - most) / sampling.temperature());
      if (weight > 0) {
        all.add(new Weighed(i, weight));
      }
    }
    if (sampling.topK() > 0 && sampling.topK() < all.size()) {
      all = ordered(all, one -> -one.weight()).subList(0, sampling.topK());
    }
    if (sampling.topP() < 1) {
      all = share(ordered(all, one -> -one.weight()), sampling.topP());
    }
    if (sampling.minP() > 0) {
      double best = all.stream().mapToDouble(Weighed::weight).max().orElseThrow();
      all = all.stream().filter(one -> one.weight() >= sampling.minP() * best).toList();
    }
    if (sampling.typical() < 1) {
      double sum = sum(all);
      double entropy =
          -all.stream().mapToDouble(o -> o.weight() / sum * Math.log(o.weight() / sum)).sum();
      all =
          share(
              ordered(all, one -> Math.abs(-Math.log(one.weight() / sum) - entropy)),
              sampling.typical());
    }
    return all;
  }

  private static List<Weighed> ordered(List<Weighed> all, ToDoubleFunction<Weighed> key) {
    return all.stream()
        .sorted(Comparator.comparingDouble(key).thenComparing(Weighed::token))
        .toList();
  }

  private static List<Weighed> share(List<Weighed> all, double share) {
    double enough = share * sum(all);
    List<Weighed> kept = new ArrayList<>();
    double sum = 0;
    for (Weighed one : all) {
      if (!kept.isEmpty() && sum >= enough) {
        break;
      }
      kept.add(one);
      sum += one.weight();
    }
    return kept;
  }

  private static double sum(List<Weighed> all) {
    return all.stream().mapToDouble(Weighed::weight).sum();
  }

  private static int drawn(List<Weighed> kept, double random) {
    double left = random * sum(kept);
    for (Weighed one : kept) {
      left -= one.weight();
      if (left < 0) {
        return one.token();
      }
    }
    return kept.getLast().token();
  }

  private static float[] scores(Random random) {
    float[] scores = new float[VOCABULARY];
    double spread = random.nextDouble() * 6;
    for (int i = 0; i < scores.length; i++) {
      scores[i] =
          random.nextInt(8) == 0
              ? Float.NEGATIVE_INFINITY
              : (float)
                  (random.nextInt(3) == 0
                      ? Math.rint(random.nextGaussian())
                      : random.nextGaussian() * spread);
    }
    return scores;
  }

  private static Sampling sampling(Random random) {
    Sampling sampling = Sampling.PLAIN.withTemperature(0.2 + random.nextDouble() * 2);
    sampling = random.nextBoolean() ? sampling.withTopK(random.nextInt(2, 40)) : sampling;
    sampling = random.nextBoolean() ? sampling.withTopP(random.nextDouble()) : sampling;
    sampling = random.nextInt(3) == 0 ? sampling.withMinP(random.nextDouble() * 0.5) : sampling;
    return random.nextInt(3) == 0 ? sampling.withTypical(random.nextDouble()) : sampling;
  }

  @Test
  void draws_areThoseOfThePlainSampler() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      float[] scores = scores(random);
      Sampling sampling = sampling(random);
      double at = random.nextDouble();
      assertThat(sampler.draw(scores, sampling, at))
          .as("round %d, %s at %s", i, sampling, at)
          .isEqualTo(drawn(naive(scores, sampling), at));
    }
  }

  @Test
  void frequencies_areTheProbabilities() {
    float[] scores = new float[VOCABULARY];
    java.util.Arrays.fill(scores, Float.NEGATIVE_INFINITY);
    scores[3] = (float) Math.log(0.5);
    scores[50] = (float) Math.log(0.3);
    scores[96] = (float) Math.log(0.2);
    Map<Integer, Integer> counts = new HashMap<>();
    Seed seed = Seed.of(7, 0);
    for (int i = 0; i < 100_000; i++) {
      counts.merge(sampler.draw(scores, Sampling.PLAIN, seed.at(i)), 1, Integer::sum);
    }
    assertThat(counts.get(3) / 1e5).isCloseTo(0.5, within(0.01));
    assertThat(counts.get(50) / 1e5).isCloseTo(0.3, within(0.01));
    assertThat(counts.get(96) / 1e5).isCloseTo(0.2, within(0.01));
  }

  @Test
  void greedy_takesTheBestAndOfEqualsTheFirst() {
    float[] scores = new float[VOCABULARY];
    scores[40] = 2;
    scores[41] = 2;
    assertThat(sampler.draw(scores, Sampling.GREEDY, 0.9)).isEqualTo(40);
    assertThat(sampler.draw(scores, Sampling.PLAIN.withTopK(1), 0.9)).isEqualTo(40);
    for (double cold : new double[] {9e-6, 1e-300, 1e-310, Double.MIN_VALUE}) {
      assertThat(sampler.draw(scores, Sampling.PLAIN.withTemperature(cold), 0.9)).isEqualTo(40);
      Sampling few = Sampling.PLAIN.withTemperature(cold).withTopK(3).withTopP(0.5);
      assertThat(sampler.draw(scores, few, 0.9)).isEqualTo(40);
    }
  }

  @Test
  void allRuledOut_givesNone() {
    float[] scores = new float[VOCABULARY];
    Adjust.keep(scores, new long[0]);
    assertThat(sampler.draw(scores, Sampling.PLAIN, 0.5)).isEqualTo(Sampler.NONE);
  }

  @Test
  void mask_keepsTheBitsThatAreSet() {
    float[] scores = new float[VOCABULARY];
    Adjust.keep(scores, new long[] {1L << 5, 1L << 32});
    for (int i = 0; i < VOCABULARY; i++) {
      assertThat(scores[i]).isEqualTo(i == 5 || i == 96 ? 0 : Float.NEGATIVE_INFINITY);
    }
  }

  @Test
  void penalties_areThoseOfTheirFormulas() {
    float[] scores = {1, -1, 2, 3, 4};
    TokenCounts counts = new TokenCounts();
    counts.seen(0);
    counts.seen(1);
    counts.said(2);
    counts.said(2);
    counts.said(3);
    Sampling sampling =
        Sampling.PLAIN
            .withPenalties(new Sampling.Penalties(2, 0.5, 0.25))
            .withBias(Map.of(4, -3f, 0, 1f));
    Adjust.penalize(scores, sampling, counts);
    assertThat(scores)
        .containsExactly(1f / 2 + 1, -2, 2f / 2 - 2 * 0.5f - 0.25f, 3f / 2 - 0.75f, 4 - 3);
  }

  @Test
  void counts_holdManyTokens() {
    TokenCounts counts = new TokenCounts();
    Map<Integer, Integer> expected = new HashMap<>();
    Random random = new Random(3);
    for (int i = 0; i < 10_000; i++) {
      int token = random.nextInt(3000);
      boolean said = random.nextBoolean();
      if (said) {
        counts.said(token);
      } else {
        counts.seen(token);
      }
      expected.merge(token, said ? 1 : 0, Integer::sum);
    }
    Map<Integer, Integer> found = new HashMap<>();
    for (int place = 0; place < counts.places(); place++) {
      if (counts.tokenAt(place) >= 0) {
        assertThat(found.put(counts.tokenAt(place), counts.saidAt(place))).isNull();
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void probabilities_haveRankAndBestTokens() {
    float[] scores = {0, 3, 1, 3, 2};
    double sum = 1 + 2 * Math.exp(3) + Math.exp(1) + Math.exp(2);
    Scored scored = new LogProbabilities(8).of(scores, 4, 3);
    assertThat(scored.logprob()).isCloseTo((float) (2 - Math.log(sum)), within(1e-6f));
    assertThat(scored.rank()).isEqualTo(3);
    assertThat(scored.best().stream().map(one -> one.token())).containsExactly(1, 3, 4);
    assertThat(scored.best().getFirst().logprob())
        .isCloseTo((float) (3 - Math.log(sum)), within(1e-6f));
    assertThat(new LogProbabilities(8).of(scores, 0, 8).best()).hasSize(5);
  }

  @Test
  void seeds_giveNumbersThatDependOnPlaceAndChoice() {
    assertThat(Seed.of(1, 0).at(5)).isEqualTo(Seed.of(1, 0).at(5)).isBetween(0.0, 1.0);
    assertThat(Seed.of(1, 0).at(5)).isNotEqualTo(Seed.of(1, 1).at(5));
    assertThat(Seed.of(1, 0).at(5)).isNotEqualTo(Seed.of(2, 0).at(5));
    assertThat(Seed.of(1, 0).at(5)).isNotEqualTo(Seed.of(1, 0).at(6));
  }
}
