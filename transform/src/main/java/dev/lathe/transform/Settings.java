package dev.lathe.transform;

import dev.lathe.ir.LatheException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Ranges of optimizer settings, and the names of the scalars that a step takes. */
final class Settings {
  static final String LEARNING_RATE = "learning_rate";
  static final String STEP_SIZE = "step_size";
  static final String STEP_EPSILON = "step_epsilon";
  static final String DECAY = "decay";

  private Settings() {}

  /** Refuses a value outside [low, high). */
  static void requireWithin(String name, double value, double low, double high) {
    if (!(value >= low && value < high)) {
      throw new LatheException(
          TransformError.BAD_SETTING,
          name + " " + value + " (expected: " + low + " to below " + high + ")");
    }
  }

  static void requireNotNegative(String name, double value) {
    requireWithin(name, value, 0, Double.POSITIVE_INFINITY);
  }

  /**
   * Adam's bias corrections, folded into two scalars: {@code η·m̂ / (√v̂ + ε)} is {@code
   * (η·√c₂/c₁)·m / (√v + ε·√c₂)} with {@code cᵢ = 1 - βᵢᵗ}.
   */
  static Map<String, Float> adamScalars(
      double beta1, double beta2, double epsilon, AdamMoment moment) {
    double correction1 = -Math.expm1(moment.step() * Math.log(beta1));
    double root2 = Math.sqrt(-Math.expm1(moment.step() * Math.log(beta2)));
    Map<String, Float> scalars = new LinkedHashMap<>();
    scalars.put(STEP_SIZE, (float) (moment.learningRate() * root2 / correction1));
    scalars.put(STEP_EPSILON, (float) (epsilon * root2));
    return scalars;
  }

  /** A moment in training: step from 1, learning rate. */
  record AdamMoment(long step, double learningRate) {}
}
