package dev.lathe.cli.text;

import java.util.ArrayList;
import java.util.List;

/**
 * A grey picture as text: two pixels to a character where there are half blocks, else a ramp of
 * characters.
 *
 * @param pixels row-major, [height, width], 0 dark to 1 bright
 * @param width pixels in a row
 */
public record Picture(double[] pixels, int width) {
  private static final String RAMP = " .:-=+*#%@";
  private static final int DARKEST = 232;
  private static final int GREYS = 24;

  /**
   * The number of rows.
   *
   * @return pixels in a column
   */
  public int height() {
    return pixels.length / width;
  }

  /**
   * The picture as lines, made smaller to fit the terminal.
   *
   * @param screen where it goes
   * @return one line for two rows of pixels
   */
  public List<String> lines(Screen screen) {
    int room = Math.max(1, screen.traits().width() - 4);
    Picture fitting = width > room ? scaled(room) : this;
    List<String> lines = new ArrayList<>();
    for (int y = 0; y < fitting.height(); y += 2) {
      lines.add(("  " + fitting.line(y, screen)).stripTrailing());
    }
    return lines;
  }

  private String line(int y, Screen screen) {
    StringBuilder line = new StringBuilder();
    boolean colours = screen.traits().outTerminal() && screen.traits().colours();
    for (int x = 0; x < width; x++) {
      double upper = at(x, y);
      double lower = at(x, y + 1);
      if (colours && screen.traits().unicode()) {
        line.append("\u001b[38;5;").append(grey(upper)).append(";48;5;").append(grey(lower));
        line.append("m▀");
      } else if (screen.traits().unicode()) {
        line.append(halfBlock(upper, lower));
      } else {
        int step = (int) Math.round((upper + lower) / 2 * (RAMP.length() - 1));
        line.append(RAMP.charAt(Math.clamp(step, 0, RAMP.length() - 1)));
      }
    }
    return colours ? line.append("\u001b[0m").toString() : line.toString().stripTrailing();
  }

  private static char halfBlock(double upper, double lower) {
    boolean top = upper > 0.5;
    boolean bottom = lower > 0.5;
    if (top) {
      return bottom ? '█' : '▀';
    }
    return bottom ? '▄' : ' ';
  }

  private static int grey(double value) {
    return DARKEST + Math.clamp(Math.round(value * (GREYS - 1)), 0, GREYS - 1);
  }

  private double at(int x, int y) {
    return y < height() ? pixels[y * width + x] : 0;
  }

  private Picture scaled(int newWidth) {
    int newHeight = Math.max(1, height() * newWidth / width);
    double[] smaller = new double[newWidth * newHeight];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        smaller[y * newWidth + x] = at(x * width / newWidth, y * height() / newHeight);
      }
    }
    return new Picture(smaller, newWidth);
  }
}
