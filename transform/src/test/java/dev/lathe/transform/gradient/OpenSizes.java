package dev.lathe.transform.gradient;

import static java.util.Map.entry;

import dev.lathe.transform.gradient.Case.Declared;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * Rules that must know sizes, and why. What is not here has a gradient whatever is declared; a rule
 * that begins to refuse, or no longer does, fails the test until it is written down.
 *
 * @param where declarations with which some case is refused
 * @param why what the rule must know, in words of its messages
 */
record OpenSizes(Set<Declared> where, String why) {
  private static final Set<Declared> SPACE = EnumSet.of(Declared.SYMBOLS, Declared.RANK);
  private static final Set<Declared> BATCH_TOO =
      EnumSet.of(Declared.BATCH, Declared.SYMBOLS, Declared.RANK);

  static final Map<String, OpenSizes> REFUSED =
      Map.ofEntries(
          // Sizes of an image become attributes of the transposed window.
          entry("AveragePool", new OpenSizes(SPACE, "size")),
          entry("Conv", new OpenSizes(SPACE, "size")),
          entry("ConvTranspose", new OpenSizes(SPACE, "of its output's space")),
          entry("LRN", new OpenSizes(SPACE, "size")),
          entry("LpPool", new OpenSizes(SPACE, "size")),
          // Places of samples are computed from sizes of space; offsets of DeformConv by example.
          entry("DeformConv", new OpenSizes(BATCH_TOO, "sizes fixed")),
          entry("GridSample", new OpenSizes(SPACE, "fixed sizes of space")),
          entry("Resize", new OpenSizes(SPACE, "is resized")),
          entry("RoiAlign", new OpenSizes(SPACE, "sizes fixed")),
          // The axis that is worked along is written out, and may be the first one.
          entry("CumProd", new OpenSizes(BATCH_TOO, "a fixed size")),
          entry("DFT", new OpenSizes(BATCH_TOO, "at axis")),
          entry("Det", new OpenSizes(SPACE, "at axis")),
          entry("STFT", new OpenSizes(BATCH_TOO, "(expected: ")),
          // The axis that is cut or filled needs its size where steps or modes count from its end.
          entry("Pad", new OpenSizes(BATCH_TOO, "at axis")),
          entry("Slice", new OpenSizes(BATCH_TOO, "at axis")),
          // Reshape infers one size.
          entry("Tile", new OpenSizes(SPACE, "at most one open size")),
          entry("DepthToSpace", new OpenSizes(SPACE, "at axis")),
          // Heads and channels are numbers of the formula.
          entry("Attention", new OpenSizes(SPACE, "heads")),
          entry("GroupNormalization", new OpenSizes(EnumSet.of(Declared.RANK), "input repeats")),
          entry("InstanceNormalization", new OpenSizes(SPACE, "the number of channels")));
}
