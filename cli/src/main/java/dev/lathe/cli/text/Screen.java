package dev.lathe.cli.text;

import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * The terminal, or whatever stands in for it: results go to {@code out}, everything else to {@code
 * err}. Colours appear only on a terminal, and never when {@code NO_COLOR} is set.
 *
 * @param out for results
 * @param err for progress, notes and errors
 * @param traits what the terminal can do
 */
public record Screen(PrintStream out, PrintStream err, Traits traits) {
  private static final int DEFAULT_WIDTH = 80;
  private static final int LEAST_WIDTH = 40;
  private static final int MOST_WIDTH = 400;

  /**
   * What a terminal can do.
   *
   * @param outTerminal whether {@code out} is a terminal
   * @param errTerminal whether {@code err} is a terminal
   * @param colours whether colours are wanted
   * @param unicode whether block characters can be written
   * @param width columns
   */
  public record Traits(
      boolean outTerminal, boolean errTerminal, boolean colours, boolean unicode, int width) {
    /** A file or a pipe: no colours, no cursor, 80 columns. */
    public static final Traits PIPE = new Traits(false, false, false, true, DEFAULT_WIDTH);
  }

  /**
   * The process's own terminal. The launcher tells which of the streams are terminals and how wide
   * they are ({@code -Dlathe.terminals}, {@code -Dlathe.columns}); without it the console decides.
   *
   * @return the screen
   */
  public static Screen system() {
    return new Screen(System.out, System.err, traits(System.getenv(), System.out.charset()));
  }

  private static Traits traits(Map<String, String> environment, Charset charset) {
    String terminals = System.getProperty("lathe.terminals", consoleTerminals());
    boolean out = terminals.contains("1");
    boolean err = terminals.contains("2");
    boolean colours =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Traits(out, err, colours, charset.newEncoder().canEncode('▀'), width(environment));
  }

  private static String consoleTerminals() {
    return System.console() != null && System.console().isTerminal() ? "12" : "";
  }

  private static int width(Map<String, String> environment) {
    String given =
        System.getProperty("lathe.columns", environment.getOrDefault("COLUMNS", "")).strip();
    if (!given.matches("[1-9][0-9]{0,4}")) {
      return DEFAULT_WIDTH;
    }
    return Math.clamp(Integer.parseInt(given), LEAST_WIDTH, MOST_WIDTH);
  }

  /**
   * Writes a line of the result.
   *
   * @param line the text
   */
  public void line(String line) {
    out.println(line);
  }

  /**
   * Writes a part of the result and shows it at once.
   *
   * @param text the text, without an end of the line of its own
   */
  public void text(String text) {
    out.print(text);
    out.flush();
  }

  /**
   * Writes a line that is not part of the result.
   *
   * @param line the text
   */
  public void note(String line) {
    err.println(line);
  }

  /**
   * Text in a style for {@code out}; the text itself if there are no colours.
   *
   * @param style the style
   * @param text the text
   * @return the text with escapes around it
   */
  public String paint(Style style, String text) {
    return paint(style, text, traits.outTerminal());
  }

  /**
   * Text in a style for {@code err}; the text itself if there are no colours.
   *
   * @param style the style
   * @param text the text
   * @return the text with escapes around it
   */
  public String paintNote(Style style, String text) {
    return paint(style, text, traits.errTerminal());
  }

  private String paint(Style style, String text, boolean terminal) {
    if (!terminal || !traits.colours() || style == Style.PLAIN || text.isEmpty()) {
      return text;
    }
    return "\u001b[" + style.code() + "m" + text + "\u001b[0m";
  }
}
