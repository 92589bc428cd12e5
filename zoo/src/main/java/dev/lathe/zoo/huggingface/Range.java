package dev.lathe.zoo.huggingface;

/**
 * What a whole number of a config may be, so that a wrong one is an error and not an allocation.
 *
 * @param least the smallest
 * @param most the largest
 */
record Range(long least, long most) {
  static final Range FEATURES = new Range(1, 1 << 20);
  static final Range VOCABULARY = new Range(1, 1 << 24);
  static final Range LAYERS = new Range(1, 1024);
  static final Range HEADS = new Range(1, 4096);
  static final Range TOKENS = new Range(1, 1 << 24);
  static final Range LABELS = new Range(1, 1 << 20);

  boolean contains(long value) {
    return value >= least && value <= most;
  }

  @Override
  public String toString() {
    return least + " to " + most;
  }
}
