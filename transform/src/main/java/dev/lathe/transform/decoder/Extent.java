package dev.lathe.transform.decoder;

/** What the first axes of a value stand for, and so what the value may depend on. */
public enum Extent {
  /** The same for all inputs. */
  CONSTANT(0),
  /** Sizes N and T, and what is worked out of them. */
  SIZES(0),
  /** [T, ...]: a row for each place in a sequence, which depends on the place alone. */
  PLACES(1),
  /** [1, T, ...], otherwise as {@link #PLACES}. */
  SPREAD_PLACES(2),
  /** Made of places, with another layout: a mask of who sees whom. Only attention may read it. */
  PAIRS(0),
  /** [N, ...]: what an encoder gives each sequence. Only attention may read it. */
  MEMORY(1),
  /** [N, T, ...]: a row for each token, mixed with rows of others by attention alone. */
  TOKENS(2),
  /** [N·T, ...] or [N·T·H, ...]: the same as one list of rows, one or H for each token. */
  ROWS(1);

  private final int axes;

  Extent(int axes) {
    this.axes = axes;
  }

  /**
   * How many axes the extent takes.
   *
   * @return the number of leading axes; the ones behind belong to the row
   */
  public int axes() {
    return axes;
  }

  /**
   * Whether a value has a row for each token.
   *
   * @return true for {@link #TOKENS} and {@link #ROWS}
   */
  public boolean isPerToken() {
    return this == TOKENS || this == ROWS;
  }

  /**
   * Whether a value has a row for each place.
   *
   * @return true for {@link #PLACES} and {@link #SPREAD_PLACES}
   */
  public boolean isPerPlace() {
    return this == PLACES || this == SPREAD_PLACES;
  }

  /**
   * Whether a value does not depend on tokens or their number.
   *
   * @return true for {@link #CONSTANT}
   */
  public boolean isConstant() {
    return this == CONSTANT;
  }
}
