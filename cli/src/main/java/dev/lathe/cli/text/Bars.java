package dev.lathe.cli.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Shares of one as bars, the largest first. */
public final class Bars {
  private static final int LONGEST = 30;
  private static final String[] EIGHTHS = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};

  private Bars() {}

  /**
   * A named share.
   *
   * @param name what has it
   * @param part 0 to 1
   */
  public record Share(String name, double part) {}

  /**
   * The largest shares as lines of text.
   *
   * @param shares the shares
   * @param most how many lines at most
   * @param screen where they go
   * @return one line for each share, the largest first
   */
  public static List<String> lines(List<Share> shares, int most, Screen screen) {
    List<Share> largest =
        shares.stream()
            .sorted(Comparator.comparingDouble(Share::part).reversed())
            .limit(most)
            .toList();
    int width = largest.stream().mapToInt(share -> share.name().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    for (Share share : largest) {
      String name = " ".repeat(width - share.name().length()) + share.name();
      String bar = bar(share.part(), screen.traits());
      Style style = lines.isEmpty() ? Style.GOOD : Style.DIM;
      lines.add(
          "  "
              + name
              + "  "
              + String.format("%7s", Words.percent(share.part()))
              + "  "
              + screen.paint(style, bar));
    }
    return lines.stream().map(String::stripTrailing).toList();
  }

  private static String bar(double part, Screen.Traits traits) {
    int longest = Math.min(LONGEST, traits.width() / 2);
    int eighths = (int) Math.round(Math.clamp(part, 0, 1) * longest * 8);
    return traits.unicode()
        ? "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
        : "#".repeat((eighths + 4) / 8);
  }
}
