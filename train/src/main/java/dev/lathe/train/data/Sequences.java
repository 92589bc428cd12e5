package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import dev.lathe.train.text.ClassifierTokens;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences of tokens with a class each, with a class or a next token for each token, or with the
 * places of both ends of a span. A batch is filled up to the length of its longest; classes of what
 * fills up are -1, which no loss and no metric looks at. Shuffled, a batch has sequences of like
 * lengths.
 */
final class Sequences implements Part {
  /** The column that says which tokens are none that fill up. */
  static final String MASK = "attention_mask";

  /** The column that says which part of a pair a token is of. */
  static final String TYPES = "token_type_ids";

  private static final long ENDS = 2;

  /** What lengths are multiples of. */
  static final int STEP = 4;

  private static final long SHUFFLE = 4;
  private static final long NO_CLASS = -1;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final List<Labelled> all;
  private final int[] lengths;
  private final Form form;

  /**
   * One sequence.
   *
   * @param tokens its tokens, 1 to T
   * @param types each token's part of a pair; empty if that is not told
   * @param classes one class, one for each token, or the places of both ends
   */
  record Labelled(int[] tokens, int[] types, int[] classes) {
    Labelled(int[] tokens, int[] classes) {
      this(tokens, new int[0], classes);
    }
  }

  /**
   * What all sequences have in common.
   *
   * @param length the largest T
   * @param batch examples of a step, which shall be of like lengths
   * @param vocabulary how many different tokens there are
   * @param classes what has a class
   * @param step what lengths are multiples of
   * @param inputs what the network takes of a sequence
   */
  record Form(
      int length, int batch, int vocabulary, Classes classes, int step, TokenInputs inputs) {
    Form(int length, int batch, int vocabulary, Classes classes) {
      this(length, batch, vocabulary, classes, STEP);
    }

    /** Of a network from scratch, or of a base that takes the same. */
    Form(int length, int batch, int vocabulary, Classes classes, int step) {
      this(
          length,
          batch,
          vocabulary,
          classes,
          step,
          TokenInputs.of(classes, ClassifierTokens.PADDING));
    }
  }

  /** What has a class. */
  enum Classes {
    OF_SEQUENCE,
    OF_TOKEN,
    /** What comes next, for a network that sees no later token: what fills up needs no mask. */
    NEXT_TOKEN,
    /** Both ends of a span: classes are places. */
    OF_SPAN,
    /** Likewise, of a pair whose parts are told apart. */
    OF_PAIR_SPAN;

    boolean isOfPlaces() {
      return this == OF_TOKEN || this == NEXT_TOKEN;
    }
  }

  /**
   * @param all the sequences, which do not change; no copy is made, since they may lie on the disk
   * @param form what they have in common
   */
  Sequences(List<Labelled> all, Form form) {
    this.all = all;
    this.form = form;
    this.lengths = all.stream().mapToInt(one -> places(one.tokens().length, form)).toArray();
  }

  @Override
  public int size() {
    return all.size();
  }

  @Override
  public int vocabulary() {
    return form.vocabulary();
  }

  @Override
  public List<Column> columns() {
    return columns(form.length());
  }

  private List<Column> columns(int length) {
    List<Long> each = List.of((long) length);
    List<Long> target =
        switch (form.classes()) {
          case OF_SEQUENCE -> List.of();
          case OF_TOKEN, NEXT_TOKEN -> each;
          case OF_SPAN, OF_PAIR_SPAN -> List.of(ENDS);
        };
    List<Column> columns = form.inputs().columns(length);
    columns.add(new Column(TARGET, ElementType.INT64, target));
    return List.copyOf(columns);
  }

  @Override
  public Cursor inOrder() {
    return new Reading(IntStream.range(0, all.size()).toArray());
  }

  @Override
  public Cursor shuffled(long seed, int epoch) {
    Dice dice = new Dice(seed, SHUFFLE, epoch);
    int[] alike =
        Lengths.sorted(dice.permutation(size()), sequence -> lengths[sequence], form.length());
    int full = size() / form.batch();
    int[] order = alike.clone();
    int[] places = dice.permutation(full);
    for (int i = 0; i < full; i++) {
      System.arraycopy(alike, places[i] * form.batch(), order, i * form.batch(), form.batch());
    }
    return new Reading(order);
  }

  /** Places that so many tokens need, as a multiple of the form's step. */
  private static int places(int tokens, Form form) {
    return Math.min(form.length(), (tokens + form.step() - 1) / form.step() * form.step());
  }

  @Override
  public boolean isInMemory() {
    return true;
  }

  private final class Reading implements Cursor {
    private final int[] order;
    private final List<TokenInputs.Kind> inputs = form.inputs().order();
    private int at;
    private int length = form.length();

    Reading(int[] order) {
      this.order = order;
    }

    @Override
    public List<Column> shaped(List<Column> largest, int count) {
      int next = Math.min(order.length, at + count);
      length = IntStream.range(at, next).map(i -> lengths[order[i]]).max().orElse(form.length());
      return columns(length);
    }

    @Override
    public boolean next(List<MemorySegment> columns, int place) {
      if (at == order.length) {
        return false;
      }
      Labelled one = all.get(order[at++]);
      int count = one.tokens().length;
      MemorySegment classes = columns.getLast();
      for (int i = 0; i < length; i++) {
        for (int input = 0; input < inputs.size(); input++) {
          set(columns.get(input), place, i, value(inputs.get(input), one, i));
        }
        if (form.classes().isOfPlaces()) {
          set(classes, place, i, i < count ? one.classes()[i] : NO_CLASS);
        }
      }
      if (!form.classes().isOfPlaces()) {
        int each = one.classes().length;
        for (int i = 0; i < each; i++) {
          classes.set(LONG, ((long) place * each + i) * Long.BYTES, one.classes()[i]);
        }
      }
      return true;
    }

    private long value(TokenInputs.Kind kind, Labelled one, int i) {
      boolean filling = i >= one.tokens().length;
      return switch (kind) {
        case TOKENS -> filling ? form.inputs().padding() : one.tokens()[i];
        case MASK -> filling ? 0 : 1;
        case TYPES -> i < one.types().length ? one.types()[i] : 0;
        case PLACES -> i;
      };
    }

    private void set(MemorySegment column, int place, int index, long value) {
      column.set(LONG, ((long) place * length + index) * Long.BYTES, value);
    }

    @Override
    public void skip(long count) {
      at = (int) Math.min(order.length, at + count);
    }

    @Override
    public void close() {
      // Nothing is held.
    }
  }

  /** The longest of some sequences. */
  static int longest(List<Labelled> sequences) {
    return sequences.stream().mapToInt(one -> one.tokens().length).max().orElse(1);
  }

  /** A sequence in pieces that are no longer than allowed. */
  static List<Labelled> pieces(Labelled whole, int length) {
    int count = whole.tokens().length;
    return IntStream.iterate(0, from -> from < count, from -> from + length)
        .mapToObj(
            from -> {
              int to = Math.min(count, from + length);
              return new Labelled(
                  Arrays.copyOfRange(whole.tokens(), from, to),
                  Arrays.copyOfRange(whole.classes(), from, to));
            })
        .toList();
  }
}
