package dev.lathe.cli;

import picocli.CommandLine.Option;

/** The option that every verb explains itself by. */
final class Help {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean asked;
}
