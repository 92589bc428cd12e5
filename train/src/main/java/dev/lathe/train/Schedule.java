package dev.lathe.train;

import dev.lathe.ir.LatheException;

/** How the learning rate changes over a run. */
public sealed interface Schedule {
  /** It stays. */
  Schedule CONSTANT = new Constant();

  /** Half a cosine wave down to 0. */
  Schedule COSINE = new Cosine(0);

  /**
   * What the learning rate is multiplied by, apart from what a {@link Plateau} does.
   *
   * @param step the step about to be made, from 1
   * @param steps all steps of the run
   * @return 0 to 1
   */
  double factor(long step, long steps);

  /** The learning rate stays as it is. */
  record Constant() implements Schedule {
    @Override
    public double factor(long step, long steps) {
      return 1;
    }
  }

  /**
   * It falls by a factor again and again.
   *
   * @param every steps between two falls
   * @param by the factor, above 0 and at most 1
   */
  record Step(long every, double by) implements Schedule {
    @Override
    public double factor(long step, long steps) {
      return StrictMath.pow(by, (double) ((step - 1) / every));
    }
  }

  /**
   * It goes in a straight line from 1 to a floor, which it would reach one step after the last.
   *
   * @param floor the part of the learning rate at the end, 0 to 1
   */
  record Linear(double floor) implements Schedule {
    @Override
    public double factor(long step, long steps) {
      return 1 - (1 - floor) * (step - 1) / Math.max(1, steps);
    }
  }

  /**
   * Half a cosine wave from 1 down to a floor, which it would reach one step after the last.
   *
   * @param floor the part of the learning rate at the end, 0 to 1
   * @see <a href="https://arxiv.org/abs/1608.03983">Loshchilov, Hutter 2017, equation 5, without
   *     restarts</a>
   */
  record Cosine(double floor) implements Schedule {
    @Override
    public double factor(long step, long steps) {
      double wave = 0.5 * (1 + StrictMath.cos(StrictMath.PI * (step - 1) / Math.max(1, steps)));
      return floor + (1 - floor) * wave;
    }
  }

  /**
   * Up by half a cosine wave to the full learning rate, then down by another, as PyTorch's {@code
   * OneCycleLR} in its usual form; momentum stays.
   *
   * @param rise the part of the run that goes up, above 0 and below 1
   * @param start what the learning rate is divided by at first, from 1
   * @param end what it is divided by at last beyond that, from 1
   * @see <a href="https://arxiv.org/abs/1708.07120">Smith, Topin 2017</a>
   */
  record OneCycle(double rise, double start, double end) implements Schedule {
    @Override
    public double factor(long step, long steps) {
      double top = rise * steps - 1;
      double at = step - 1;
      return at <= top
          ? between(1 / start, 1, at / Math.max(1e-9, top))
          : between(1, 1 / (start * end), (at - top) / Math.max(1e-9, steps - 1 - top));
    }

    private static double between(double from, double to, double part) {
      double wave = 0.5 * (1 + StrictMath.cos(StrictMath.PI * Math.clamp(part, 0, 1)));
      return to + (from - to) * wave;
    }
  }

  /**
   * It falls whenever a metric of the validation part has not become better for some epochs, as
   * PyTorch's {@code ReduceLROnPlateau} with a relative threshold.
   *
   * @param metric the metric, {@code loss} included
   * @param by the factor of a fall, above 0 and below 1
   * @param patience epochs without a better value that are borne
   * @param threshold by which part a value must be better than the best, from 0; of the best as it
   *     is, so that a best below 0 asks for less than itself, as PyTorch's does
   * @param floor the part of the learning rate that is left at least, 0 to 1
   */
  record Plateau(String metric, double by, int patience, double threshold, double floor)
      implements Schedule {
    @Override
    public double factor(long step, long steps) {
      return 1;
    }
  }

  /**
   * A straight line up to the full learning rate, then another schedule for the rest of the run.
   *
   * @param steps steps of the line, above 0
   * @param from the part of the learning rate that the first step has, 0 to 1
   * @param then what comes after it
   */
  record Warmup(long steps, double from, Schedule then) implements Schedule {
    /** Refuses a warm-up before another. */
    public Warmup {
      if (then instanceof Warmup) {
        throw new LatheException(
            TrainError.BAD_RECIPE, "schedule: a warm-up before a warm-up (expected: one)");
      }
    }

    @Override
    public double factor(long step, long all) {
      return step <= steps
          ? from + (1 - from) * (step - 1) / steps
          : then.factor(step - steps, Math.max(1, all - steps));
    }
  }

  /**
   * The schedule without a warm-up before it.
   *
   * @return what comes after the warm-up, or this
   */
  default Schedule main() {
    return this instanceof Warmup warmup ? warmup.then() : this;
  }
}
