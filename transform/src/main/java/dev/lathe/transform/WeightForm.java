package dev.lathe.transform;

/** How the weights of projections are held, and what they are multiplied with. */
public enum WeightForm {
  /** As they are: 4 bytes a weight. */
  FLOAT32,
  /**
   * 8 bits with a scale for each output; rows are rounded to 8 bits, each by a scale of its own, so
   * that a row's result does not depend on what it is computed with. Needs a processor that
   * multiplies bytes without saturation, and is the quickest for many rows at once.
   */
  W8A8,
  /** 8 bits in blocks of 128 with a scale each; 1.03 bytes a weight. */
  INT8,
  /** 4 bits in blocks of 32 with a scale each; 0.625 bytes a weight. */
  INT4_BLOCK32,
  /** 4 bits in blocks of 128 with a scale each; 0.53 bytes a weight. */
  INT4_BLOCK128;

  /**
   * The form of the head beside this form of the rest: errors there are not averaged by layers
   * behind it.
   *
   * @return 8 bits beside 4 bits, else the same
   */
  public WeightForm head() {
    return switch (this) {
      case FLOAT32, W8A8, INT8 -> this;
      case INT4_BLOCK32, INT4_BLOCK128 -> INT8;
    };
  }
}
