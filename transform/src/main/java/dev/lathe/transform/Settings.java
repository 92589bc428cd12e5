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

  /** How much of what is new goes into a mean. */
  static final String NEWS = "news";

  private Settings() {}

  static LatheException bad(String found, String expected) {
    return new LatheException(TransformError.BAD_SETTING, found + " (expected: " + expected + ")");
  }

  /** Refuses a value outside [low, high). */
  static void requireWithin(String name, double value, double low, double high) {
    if (!(value >= low && value < high)) {
      throw bad(name + " " + value, low + " to below " + high);
    }
  }

  static void requireNotNegative(String name, double value) {
    requireWithin(name, value, 0, Double.POSITIVE_INFINITY);
  }

  static void requireAbove0(String name, double value) {
    requireWithin(name, value, Double.MIN_NORMAL, Double.POSITIVE_INFINITY);
  }

  /**
   * Adam's bias corrections, folded into two scalars. With sums {@code m = Σ β₁ⁱ·g} and {@code v =
   * Σ β₂ⁱ·g²}, {@code η·m̂/(√v̂ + ε)} is {@code (η·a/b)·m/(√v + ε/b)}, where {@code a =
   * (1-β₁)/(1-β₁ᵗ)} and {@code b = √((1-β₂)/(1-β₂ᵗ))}.
   */
  static Map<String, Float> adamScalars(
      double beta1, double beta2, double epsilon, AdamMoment moment) {
    double first = (1 - beta1) / -Math.expm1(moment.step() * Math.log(beta1));
    double second = Math.sqrt((1 - beta2) / -Math.expm1(moment.step() * Math.log(beta2)));
    Map<String, Float> scalars = new LinkedHashMap<>();
    scalars.put(STEP_SIZE, (float) (moment.learningRate() * first / second));
    scalars.put(STEP_EPSILON, (float) (epsilon / second));
    return scalars;
  }

  /** A moment in training: step from 1, learning rate. */
  record AdamMoment(long step, double learningRate) {}
}
