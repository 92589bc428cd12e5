package dev.lathe.serve;

/**
 * A request's place in a sequence of requests to a stateful model.
 *
 * @param id which sequence, among those of its caller
 * @param start whether the sequence begins here, with initial state
 * @param end whether its state may be forgotten afterwards
 */
public record SequenceStep(Id id, boolean start, boolean end) {
  /** The request belongs to no sequence. */
  public static final SequenceStep NONE = new SequenceStep(new Id.Numbered(0), false, false);

  /** What names a sequence: a number or a text. {@code 0} and the empty text name none. */
  public sealed interface Id {
    /**
     * A number.
     *
     * @param value read as unsigned
     */
    record Numbered(long value) implements Id {
      @Override
      public String toString() {
        return Long.toUnsignedString(value);
      }
    }

    /**
     * A text.
     *
     * @param value the text
     */
    record Named(String value) implements Id {
      @Override
      public String toString() {
        return value;
      }
    }

    /**
     * Whether no sequence is named.
     *
     * @return true for 0 and for the empty text
     */
    default boolean isNone() {
      return switch (this) {
        case Numbered(long value) -> value == 0;
        case Named(String value) -> value.isEmpty();
      };
    }
  }

  /**
   * Whether the request belongs to no sequence.
   *
   * @return true if no sequence is named
   */
  public boolean isNone() {
    return id.isNone();
  }
}
