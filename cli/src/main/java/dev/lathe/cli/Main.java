package dev.lathe.cli;

/** Where the process starts: wires the verbs to the real terminal and ends with their exit code. */
public final class Main {
  private Main() {}

  /**
   * Runs one verb.
   *
   * @param arguments what was typed after {@code lathe}
   */
  public static void main(String[] arguments) {
    System.exit(new Cli(Bench.system()).run(arguments));
  }
}
