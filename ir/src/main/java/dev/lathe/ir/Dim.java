package dev.lathe.ir;

/** One dimension of a shape. */
public sealed interface Dim {
  /** A dimension of which nothing is known. */
  Dim UNKNOWN = new Unknown();

  /**
   * A known size.
   *
   * @param size elements along the axis, not negative
   */
  record Fixed(long size) implements Dim {
    /** Refuses negative sizes. */
    public Fixed {
      if (size < 0) {
        throw new LatheException(IrError.BAD_SHAPE, "dimension " + size + " (expected: >= 0)");
      }
    }

    @Override
    public String toString() {
      return Long.toString(size);
    }
  }

  /**
   * A size known by name: equal names are equal sizes within a graph.
   *
   * @param name not empty
   */
  record Symbol(String name) implements Dim {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A size of which nothing is known; two of them need not be equal. */
  record Unknown() implements Dim {
    @Override
    public String toString() {
      return "?";
    }
  }

  /**
   * A known size.
   *
   * @param size elements along the axis
   * @return the dimension
   */
  static Dim of(long size) {
    return new Fixed(size);
  }

  /**
   * A named size.
   *
   * @param name the symbol; empty means unknown
   * @return the dimension
   */
  static Dim of(String name) {
    return name.isEmpty() ? UNKNOWN : new Symbol(name);
  }

  /**
   * Whether the size is known.
   *
   * @return true for {@link Fixed}
   */
  default boolean isFixed() {
    return this instanceof Fixed;
  }

  /**
   * The size if known, else -1, as protocols write it.
   *
   * @return the size or -1
   */
  default long sizeOrMinusOne() {
    return this instanceof Fixed fixed ? fixed.size() : -1;
  }
}
