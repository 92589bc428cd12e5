package dev.lathe.zoo;

import dev.lathe.ir.LatheException;
import java.util.List;

/** The bounds of every size, so that a wrong number is an error and not an allocation. */
final class Limits {
  static final int MOST_FEATURES = 1 << 20;
  static final int MOST_CHANNELS = 1 << 12;
  static final int MOST_PIXELS = 1 << 13;
  static final int MOST_KERNEL = 64;
  static final int MOST_LAYERS = 256;

  /** 2²⁸ parameters are 1 GiB of FLOAT. */
  static final long MOST_PARAMETERS = 1L << 28;

  private Limits() {}

  static void require(String what, long found, long least, long most) {
    if (found < least || found > most) {
      throw bad(what + ": " + found + " (expected: " + least + " to " + most + ")");
    }
  }

  static void requireLayers(String what, List<?> layers, int least) {
    require(what + ": layers", layers.size(), least, MOST_LAYERS);
  }

  static void requireFeatures(String what, List<Integer> sizes) {
    requireLayers(what, sizes, 0);
    for (int i = 0; i < sizes.size(); i++) {
      require(what + "[" + i + "]", sizes.get(i), 1, MOST_FEATURES);
    }
  }

  static void requireChannels(String what, List<Integer> sizes) {
    requireLayers(what, sizes, 1);
    for (int i = 0; i < sizes.size(); i++) {
      require(what + "[" + i + "]", sizes.get(i), 1, MOST_CHANNELS);
    }
  }

  static void requireHeads(String what, int width, int heads) {
    require(what + ": width", width, 1, MOST_FEATURES);
    require(what + ": heads", heads, 1, width);
    if (width % heads != 0) {
      throw bad(what + ": heads: " + heads + " (expected: a divisor of the width " + width + ")");
    }
  }

  static void requireRatio(String what, double ratio) {
    if (!(ratio >= 0 && ratio < 1)) {
      throw bad(what + ": " + ratio + " (expected: 0 or more and less than 1)");
    }
  }

  static LatheException bad(String message) {
    return new LatheException(ZooError.BAD_ARCHITECTURE, message);
  }
}
