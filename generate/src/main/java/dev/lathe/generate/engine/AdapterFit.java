package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import dev.lathe.transform.AdapterSlots.Site;
import dev.lathe.zoo.LowRank;
import java.util.Arrays;
import java.util.Map;

/** Whether an adapter was made for a decoder. */
public final class AdapterFit {
  private AdapterFit() {}

  /**
   * Refuses an adapter for other layers or shapes than a decoder's.
   *
   * @param name what messages call it
   * @param adapter the adapter
   * @param sites the decoder's layers
   * @throws LatheException BAD_ADAPTER, naming the layer
   */
  public static void require(String name, LowRank adapter, Map<String, Site> sites) {
    adapter
        .layers()
        .forEach(
            (layer, factors) -> {
              Site site = sites.get(layer);
              String what = "adapter \"" + name + "\": layer \"" + layer + "\"";
              if (site == null) {
                throw new LatheException(
                    GenerateError.BAD_ADAPTER,
                    what
                        + ": the model has none of this name that an adapter can stand beside"
                        + " (expected: such as "
                        + sites.keySet().stream().limit(3).toList()
                        + "; is it an adapter of this model?)");
              }
              requireShape(what + ": A", factors.down().dims(), factors.rank(), site.inputs());
              requireShape(what + ": B", factors.up().dims(), site.outputs(), factors.rank());
            });
  }

  private static void requireShape(String what, long[] found, long... expected) {
    if (!Arrays.equals(found, expected)) {
      throw new LatheException(
          GenerateError.BAD_ADAPTER,
          what
              + " "
              + Arrays.toString(found)
              + " (expected: "
              + Arrays.toString(expected)
              + ", as the model has it)");
    }
  }
}
