package dev.lathe.zoo.huggingface;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import java.util.Map;

/** Where tokens stand, and tables of waves that say so. */
final class Places {
  private static final double WAVELENGTH = 10_000;

  private Places() {}

  /**
   * INT64 [N, T]: tokens that are no padding are counted from the number behind the padding's;
   * padding stands at its own number.
   */
  static String afterPadding(Draft draft, String tokens, int padding) {
    String pad = draft.whole(padding);
    String present = draft.add("Not", draft.add("Equal", tokens, pad));
    String ones =
        draft.add("Cast", Map.of("to", Attribute.of((long) ElementType.INT64.code())), present);
    String counted = draft.add("Mul", draft.add("CumSum", ones, draft.whole(1)), ones);
    return draft.add("Add", counted, pad);
  }

  /** [places, width]: sines of all waves, then cosines, as Marian has them. */
  static Tensor waves(int places, int width) {
    float[] values = new float[Math.multiplyExact(places, width)];
    int sines = (width + 1) / 2;
    for (int i = 0; i < values.length; i++) {
      int column = i % width;
      int wave = column < sines ? column : column - sines;
      double angle = i / width / StrictMath.pow(WAVELENGTH, 2.0 * wave / width);
      values[i] = (float) (column < sines ? StrictMath.sin(angle) : StrictMath.cos(angle));
    }
    return Tensor.ofFloats(values, places, width);
  }

  /**
   * [places, width]: the same with waves whose lengths reach the longest, as M2M100 has them, all
   * in single precision as there; nothing in the row of the padding.
   */
  static Tensor waves(int places, int width, int padding) {
    int half = width / 2;
    float step = (float) -(StrictMath.log(WAVELENGTH) / (half - 1));
    float[] values = new float[Math.multiplyExact(places, width)];
    for (int place = 0; place < places; place++) {
      for (int wave = 0; wave < half && place != padding; wave++) {
        float angle = place * (float) StrictMath.exp(wave * step);
        values[place * width + wave] = (float) StrictMath.sin(angle);
        values[place * width + half + wave] = (float) StrictMath.cos(angle);
      }
    }
    return Tensor.ofFloats(values, places, width);
  }
}
