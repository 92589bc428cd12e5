package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;

/** A plain decoder against its cached form, in every way that a cache is used. */
final class CacheCases implements AutoCloseable {
  private static final int SLOTS = 4;

  private final Session plain;
  private final String input;
  private final CacheRun cached;
  private final long[][] sequences;
  private final float[][][] expected;
  private final int length;
  private float worst;

  CacheCases(Model model, CachedDecoder decoder, int length, long seed) {
    this.plain = Session.open(model, SessionOptions.defaults());
    this.input = plain.inputs().getFirst().name();
    this.cached = new CacheRun(decoder, SLOTS, length + 3);
    this.length = length;
    Random random = new Random(seed);
    sequences = new long[SLOTS][];
    expected = new float[SLOTS][][];
    for (int i = 0; i < SLOTS; i++) {
      sequences[i] = random.longs(length, 0, decoder.vocabulary()).toArray();
      if (i == 3) { // begins like another
        System.arraycopy(sequences[0], 0, sequences[3], 0, length / 2);
      }
      expected[i] = plain(sequences[i]);
    }
  }

  private float[][] plain(long[] tokens) {
    Tensor x = Tensor.ofLongs(tokens, 1, tokens.length);
    return CacheRun.rows(plain.run(Map.of(input, x)).values().iterator().next());
  }

  /** Runs all; the largest difference of a logit. */
  float worst() {
    wholePrompt();
    chunks();
    raggedBatch();
    slotAgain();
    prefixCopied();
    takenBack();
    return worst;
  }

  private long[] tokens(int sequence, int from, int to) {
    return Arrays.copyOfRange(sequences[sequence], from, to);
  }

  private void require(float[][] found, int sequence, int from) {
    for (int i = 0; i < found.length; i++) {
      float[] row = expected[sequence][from + i];
      assertThat(found[i]).hasSameSizeAs(row);
      for (int v = 0; v < row.length; v++) {
        float difference = Math.abs(found[i][v] - row[v]);
        worst = Float.isNaN(difference) ? Float.POSITIVE_INFINITY : Math.max(worst, difference);
      }
    }
  }

  private void append(int slot, int sequence, int from, int to) {
    require(cached.append(slot, from, tokens(sequence, from, to)), sequence, from);
  }

  /** The largest logit expected, beside which differences are to be seen. */
  float largest() {
    float largest = 0;
    for (float[][] rows : expected) {
      for (float[] row : rows) {
        for (float logit : row) {
          largest = Math.max(largest, Math.abs(logit));
        }
      }
    }
    return largest;
  }

  private void wholePrompt() {
    append(0, 0, 0, length);
  }

  private void chunks() {
    append(1, 1, 0, length / 3);
    append(1, 1, length / 3, length / 2);
    for (int place = length / 2; place < length; place++) {
      append(1, 1, place, place + 1);
    }
  }

  private void raggedBatch() {
    int[] begun = {length / 2, 1, length - 5, length / 3};
    for (int i = 0; i < SLOTS; i++) {
      append(i, i, 0, begun[i]);
    }
    for (int step = 0; step < 5; step++) {
      long[][] next = new long[SLOTS][];
      int[] from = new int[SLOTS];
      for (int i = 0; i < SLOTS; i++) {
        from[i] = begun[i] + step;
        next[i] = tokens(i, from[i], from[i] + 1);
      }
      float[][] found = cached.run(0, next, from);
      for (int i = 0; i < SLOTS; i++) {
        require(new float[][] {found[i]}, i, from[i]);
      }
    }
  }

  private void slotAgain() {
    append(2, 1, 0, length - 1);
    append(2, 0, 0, length / 2);
    append(2, 0, length / 2, length / 2 + 1);
  }

  private void prefixCopied() {
    append(0, 0, 0, length);
    cached.copy(0, 3, length / 2);
    append(3, 3, length / 2, length - 2);
    append(3, 3, length - 2, length);
  }

  private void takenBack() {
    append(1, 0, 0, length / 2);
    cached.append(1, length / 2, tokens(1, 0, 4));
    append(1, 0, length / 2, length);
  }

  @Override
  public void close() {
    plain.close();
    cached.close();
  }
}
