package dev.lathe.cli.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Numbers of either sign as bars, the largest by amount first. */
public final class SignedBars {
  private static final int LONGEST = 30;

  private SignedBars() {}

  /**
   * A named amount.
   *
   * @param name what has it
   * @param value the amount
   */
  public record Amount(String name, double value) {}

  /**
   * The largest amounts as lines of text.
   *
   * @param amounts the amounts
   * @param most how many lines at most
   * @param screen where they go
   * @return one line for each amount, the largest first
   */
  public static List<String> lines(List<Amount> amounts, int most, Screen screen) {
    List<Amount> largest =
        amounts.stream()
            .sorted(Comparator.comparingDouble((Amount a) -> Math.abs(a.value())).reversed())
            .limit(most)
            .toList();
    int width = largest.stream().mapToInt(amount -> amount.name().length()).max().orElse(0);
    double top = largest.isEmpty() ? 0 : Math.abs(largest.getFirst().value());
    String block = screen.traits().unicode() ? "█" : "#";
    List<String> lines = new ArrayList<>();
    for (Amount amount : largest) {
      double part = top == 0 ? 0 : Math.abs(amount.value()) / top;
      String bar = block.repeat((int) Math.round(part * LONGEST));
      lines.add(
          "  "
              + " ".repeat(width - amount.name().length())
              + amount.name()
              + "  "
              + String.format(Locale.ROOT, "%+.4f", amount.value())
              + "  "
              + screen.paint(amount.value() >= 0 ? Style.GOOD : Style.BAD, bar));
    }
    return lines.stream().map(String::stripTrailing).toList();
  }
}
