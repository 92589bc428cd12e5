package dev.lathe.generate.sample;

/**
 * Tokens with weights, of which fewer and fewer are kept. The kept ones are the first {@code size}
 * entries of the arrays; whoever orders them does so by a heap, as far as needed only.
 */
final class Candidates {
  private final int[] tokens;
  private final double[] weights;
  private final double[] keys;
  private int size;

  /** Whether the kept ones stand in falling order of weight. */
  private boolean sorted;

  Candidates(int most) {
    tokens = new int[most];
    weights = new double[most];
    keys = new double[most];
  }

  void clear() {
    size = 0;
    sorted = false;
  }

  void add(int token, double weight) {
    tokens[size] = token;
    weights[size] = weight;
    size++;
  }

  int size() {
    return size;
  }

  int token(int index) {
    return tokens[index];
  }

  /**
   * Begins with the tokens of the best scores, so that the others need no weights: a heap of the
   * best so far has the worst of them at its root, of equals the one with the higher number (whose
   * complement is lower).
   *
   * @param scores [V]
   * @param count how many; fewer than V
   */
  void begin(float[] scores, int count) {
    clear();
    for (int i = 0; i < count; i++) {
      tokens[i] = ~i;
      keys[i] = -scores[i];
    }
    size = count;
    heapify();
    for (int i = count; i < scores.length; i++) {
      if (-scores[i] < keys[0]) {
        tokens[0] = ~i;
        keys[0] = -scores[i];
        sink(0, count);
      }
    }
  }

  /** Weighs what {@link #begin} chose, and orders it. */
  void weigh(double most, double inverse) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      double weight = Math.exp((-keys[i] - most) * inverse);
      if (weight > 0) {
        tokens[kept] = ~tokens[i];
        weights[kept++] = weight;
      }
    }
    size = kept;
    keyByWeight();
    take(Double.POSITIVE_INFINITY, size);
    sorted = true;
  }

  /** Keeps the fewest heaviest that have a share of all weight together. */
  void keepHeaviest(double share) {
    double enough = share * sum();
    if (sorted) {
      double sum = 0;
      int kept = 0;
      while (kept < size && (kept == 0 || sum < enough)) {
        sum += weights[kept++];
      }
      size = kept;
      return;
    }
    // All that weigh less than this make less than the rest together: none of them is needed.
    keepAbove((1 - share) * sum() / size);
    keyByWeight();
    take(enough, size);
    sorted = true;
  }

  private void keepAbove(double least) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (weights[i] >= least) {
        tokens[kept] = tokens[i];
        weights[kept++] = weights[i];
      }
    }
    size = kept;
  }

  /** Keeps those that weigh at least a share of the heaviest. */
  void keepAtLeast(double share) {
    double most = 0;
    for (int i = 0; i < size; i++) {
      most = Math.max(most, weights[i]);
    }
    keepAbove(share * most);
  }

  /** Keeps those whose surprise is nearest to the expected one, by a share of all weight. */
  void keepTypical(double share) {
    double total = sum();
    double entropy = 0;
    for (int i = 0; i < size; i++) {
      double p = weights[i] / total;
      entropy -= p * Math.log(p);
    }
    for (int i = 0; i < size; i++) {
      keys[i] = -Math.abs(-Math.log(weights[i] / total) - entropy);
    }
    heapify();
    take(share * total, size);
    sorted = false;
  }

  /** The token that a random number of 0 to 1 falls on, in the order that they are kept in. */
  int at(double random) {
    double left = random * sum();
    for (int i = 0; i < size; i++) {
      left -= weights[i];
      if (left < 0) {
        return tokens[i];
      }
    }
    return tokens[size - 1];
  }

  private double sum() {
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += weights[i];
    }
    return sum;
  }

  private void keyByWeight() {
    System.arraycopy(weights, 0, keys, 0, size);
    heapify();
  }

  private void heapify() {
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i, size);
    }
  }

  /**
   * Keeps the first of the heap: until they weigh enough together, and at most so many, but one at
   * least.
   */
  private void take(double enough, int most) {
    int left = size;
    double sum = 0;
    while (left > 0 && size - left < most && (left == size || sum < enough)) {
      left--;
      sum += weights[0];
      swap(0, left);
      sink(0, left);
    }
    int kept = size - left;
    for (int i = 0; i < kept / 2; i++) {
      swap(left + i, size - 1 - i);
    }
    for (int i = 0; i < kept; i++) {
      swap(i, left + i);
    }
    size = kept;
  }

  private void sink(int from, int end) {
    int at = from;
    while (true) {
      int child = 2 * at + 1;
      if (child >= end) {
        return;
      }
      if (child + 1 < end && isBefore(child + 1, child)) {
        child++;
      }
      if (!isBefore(child, at)) {
        return;
      }
      swap(at, child);
      at = child;
    }
  }

  private boolean isBefore(int one, int other) {
    return keys[one] > keys[other] || keys[one] == keys[other] && tokens[one] < tokens[other];
  }

  private void swap(int one, int other) {
    int token = tokens[one];
    double weight = weights[one];
    double key = keys[one];
    tokens[one] = tokens[other];
    weights[one] = weights[other];
    keys[one] = keys[other];
    tokens[other] = token;
    weights[other] = weight;
    keys[other] = key;
  }
}
