package dev.lathe.server.tasks;

/** Scores as probabilities, in double precision. */
final class Numbers {
  private Numbers() {}

  /** eˣ of each over their sum. */
  static double[] softmax(float[] scores, int from, int count) {
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < count; i++) {
      highest = Math.max(highest, scores[from + i]);
    }
    double[] all = new double[count];
    double sum = 0;
    for (int i = 0; i < count; i++) {
      all[i] = Math.exp(scores[from + i] - highest);
      sum += all[i];
    }
    for (int i = 0; i < count; i++) {
      all[i] /= sum;
    }
    return all;
  }

  /** 1 / (1 + e⁻ˣ). */
  static double sigmoid(double score) {
    return 1 / (1 + Math.exp(-score));
  }
}
