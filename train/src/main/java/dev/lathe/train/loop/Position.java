package dev.lathe.train.loop;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a run stands between two steps.
 *
 * @param step steps made
 * @param epoch epochs finished
 * @param batch batches made of the epoch after those
 * @param best the best epoch so far, for early stop
 * @param fall how far a plateau schedule has come down
 * @param finished whether no step is left to make
 */
record Position(long step, int epoch, int batch, Best best, Fall fall, boolean finished) {
  /** Before the first step. */
  static final Position START = new Position(0, 0, 0, Best.NONE, Fall.NONE, false);

  /**
   * The best epoch of a run with early stop.
   *
   * @param epoch its number, from 1; 0 if there is none
   * @param value its metric
   */
  record Best(int epoch, double value) {
    static final Best NONE = new Best(0, 0);

    /** Whether an epoch with a value is better; any number is better than none. */
    boolean isBeatenBy(double other, boolean isMoreBetter) {
      if (epoch == 0) {
        return true;
      }
      if (Double.isNaN(value)) {
        return !Double.isNaN(other);
      }
      return isMoreBetter ? other > value : other < value;
    }
  }

  Position stepped(int batches) {
    return new Position(step + 1, epoch, batch + batches, best, fall, false);
  }

  Position nextEpoch(Best newBest, Fall newFall, boolean last) {
    return new Position(step, epoch + 1, 0, newBest, newFall, last);
  }

  Map<String, String> text() {
    Map<String, String> text = new LinkedHashMap<>();
    text.put("step", Long.toString(step));
    text.put("epoch", Integer.toString(epoch));
    text.put("batch", Integer.toString(batch));
    text.put("best_epoch", Integer.toString(best.epoch()));
    text.put("best_value", Long.toHexString(Double.doubleToRawLongBits(best.value())));
    fall.write(text);
    text.put("finished", Boolean.toString(finished));
    return text;
  }

  /** Throws NumberFormatException where the text is none of ours. */
  static Position of(Map<String, String> text) {
    long bits = Long.parseUnsignedLong(text.getOrDefault("best_value", ""), 16);
    return new Position(
        Long.parseLong(text.getOrDefault("step", "")),
        Integer.parseInt(text.getOrDefault("epoch", "")),
        Integer.parseInt(text.getOrDefault("batch", "")),
        new Best(
            Integer.parseInt(text.getOrDefault("best_epoch", "")), Double.longBitsToDouble(bits)),
        Fall.of(text),
        Boolean.parseBoolean(text.get("finished")));
  }
}
