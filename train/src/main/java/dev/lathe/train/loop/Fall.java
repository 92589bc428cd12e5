package dev.lathe.train.loop;

import dev.lathe.train.Schedule;
import dev.lathe.train.metric.Metric;
import java.util.Map;

/**
 * How far a plateau schedule has come down.
 *
 * @param factor what is left of the learning rate
 * @param best the best value of the metric so far; not a number before the first
 * @param waited epochs since then, or since the last fall
 */
record Fall(double factor, double best, int waited) {
  /** Before the first epoch. */
  static final Fall NONE = new Fall(1, Double.NaN, 0);

  /** After another epoch, at whose end the metric was measured. */
  Fall after(Schedule.Plateau rule, double value) {
    double bound =
        Metric.isMoreBetter(rule.metric())
            ? best * (1 + rule.threshold())
            : best * (1 - rule.threshold());
    boolean better =
        Double.isNaN(best) || (Metric.isMoreBetter(rule.metric()) ? value > bound : value < bound);
    if (better) {
      return new Fall(factor, value, 0);
    }
    return waited < rule.patience()
        ? new Fall(factor, best, waited + 1)
        : new Fall(Math.max(factor * rule.by(), rule.floor()), best, 0);
  }

  void write(Map<String, String> text) {
    text.put("fall_factor", hex(factor));
    text.put("fall_best", hex(best));
    text.put("fall_waited", Integer.toString(waited));
  }

  private static String hex(double value) {
    return Long.toHexString(Double.doubleToRawLongBits(value));
  }

  /** Throws NumberFormatException where the text is none of ours. */
  static Fall of(Map<String, String> text) {
    return new Fall(
        number(text.getOrDefault("fall_factor", "")),
        number(text.getOrDefault("fall_best", "")),
        Integer.parseInt(text.getOrDefault("fall_waited", "")));
  }

  private static double number(String hex) {
    return Double.longBitsToDouble(Long.parseUnsignedLong(hex, 16));
  }
}
