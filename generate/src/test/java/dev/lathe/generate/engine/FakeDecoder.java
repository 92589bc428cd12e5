package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.ir.LatheException;
import java.util.Arrays;
import java.util.List;

/**
 * A decoder whose cache holds the tokens themselves, and whose scores are a function of all tokens
 * before: whoever reads what is not his says other words. The last two tokens weigh most, so that
 * texts repeat themselves.
 */
final class FakeDecoder implements Decoder {
  static final int VOCABULARY = 48;

  /** After this token all scores are NaN. */
  static final int POISON = 47;

  /** A run with this token fails. */
  static final int BOMB = 46;

  private final List<Arena> arenas;
  private final int context;
  private final int[][][] cache;
  private final int[][] kept;
  private final float[][] scores;
  int runs;
  int idleRows;
  int copied;
  int saved;
  int loaded;
  boolean closed;

  FakeDecoder(int context, List<Arena> arenas) {
    this(context, arenas, 0);
  }

  FakeDecoder(int context, List<Arena> arenas, int blocks) {
    this.context = context;
    this.arenas = arenas;
    this.cache = new int[arenas.size()][][];
    for (int a = 0; a < cache.length; a++) {
      cache[a] = new int[arenas.get(a).slots()][arenas.get(a).capacity()];
      for (int[] row : cache[a]) {
        Arrays.fill(row, -1);
      }
    }
    this.kept = new int[blocks][BLOCK];
    this.scores = new float[mostScored()][];
  }

  /** The scores after some tokens. */
  static float[] scores(int[] tokens, int length) {
    float[] scores = new float[VOCABULARY];
    if (tokens[length - 1] == POISON) {
      Arrays.fill(scores, Float.NaN);
      return scores;
    }
    long all = 17;
    for (int i = 0; i < length; i++) {
      all = mix(all * 31 + tokens[i]);
    }
    long last = mix(tokens[length - 1] * 1000L + (length > 1 ? tokens[length - 2] : 0));
    for (int i = 0; i < VOCABULARY - 2; i++) {
      scores[i] = 16 * unit(mix(last + i)) + unit(mix(all + i));
    }
    scores[BOMB] = -30;
    scores[POISON] = -30;
    return scores;
  }

  private static float unit(long bits) {
    return (bits >>> 40) * 0x1.0p-24f;
  }

  private static long mix(long value) {
    long z = (value + 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  int kept(Part part) {
    return kept[part.block()][part.offset()];
  }

  int[] content(Spot spot) {
    return cache[spot.arena()][spot.row()];
  }

  @Override
  public int vocabulary() {
    return VOCABULARY;
  }

  @Override
  public int context() {
    return context;
  }

  @Override
  public List<Arena> arenas() {
    return arenas;
  }

  @Override
  public int mostScored() {
    return arenas.stream().mapToInt(Arena::slots).max().orElseThrow() + 8;
  }

  @Override
  public void run(Run run) {
    runs++;
    assertThat(run.rows() == 1 || run.width() == 1).isTrue();
    for (int i = 0; i < run.rows() * run.width(); i++) {
      if (run.tokenAt(i) == BOMB) {
        throw new LatheException(GenerateError.FAILED, "the bomb");
      }
    }
    for (int r = 0; r < run.rows(); r++) {
      int[] row = cache[run.arena()][run.first() + r];
      for (int s = 0; s < run.width(); s++) {
        row[run.lengthAt(r) + s] = run.tokenAt(r * run.width() + s);
      }
    }
    idleRows += run.rows() - (run.width() == 1 ? run.wanted() : run.rows());
    for (int i = 0; i < run.wanted(); i++) {
      int index = run.wantedAt(i);
      int r = index / run.width();
      int length = run.lengthAt(r) + index % run.width() + 1;
      scores[i] = scores(cache[run.arena()][run.first() + r], length);
    }
  }

  @Override
  public void read(int index, float[] into) {
    System.arraycopy(scores[index], 0, into, 0, VOCABULARY);
  }

  @Override
  public void copy(Spot from, Spot to, int begin, int end) {
    copied += end - begin;
    System.arraycopy(content(from), begin, content(to), begin, end - begin);
  }

  @Override
  public int blocks() {
    return kept.length;
  }

  @Override
  public long blockBytes() {
    return BLOCK * Integer.BYTES;
  }

  @Override
  public void save(Spot from, int begin, Part to) {
    saved += to.count();
    System.arraycopy(content(from), begin, kept[to.block()], to.offset(), to.count());
  }

  @Override
  public void load(Part from, Spot to, int begin) {
    loaded += from.count();
    System.arraycopy(kept[from.block()], from.offset(), content(to), begin, from.count());
  }

  @Override
  public void exchange(Spot one, Spot other, int length) {
    assertThat(one.arena()).isEqualTo(other.arena());
    int[] first = Arrays.copyOf(content(one), length);
    System.arraycopy(content(other), 0, content(one), 0, length);
    System.arraycopy(first, 0, content(other), 0, length);
  }

  @Override
  public void close() {
    closed = true;
  }
}
