package dev.lathe.cli;

import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import picocli.CommandLine.Option;

/** What a version that is made at once belongs to, and where it goes. */
final class NewVersion {
  @Option(
      names = {"-n", "--name"},
      paramLabel = "MODEL",
      required = true,
      description = "The model: namespace/name; created if it is new.")
  private String model = "";

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "Why this version exists.")
  private String message = "";

  @Option(
      names = "--deploy",
      paramLabel = "ENV",
      description = "Make it live in this environment at once.")
  private String environment = "";

  String model() {
    return model;
  }

  String message() {
    return message;
  }

  /** Makes it live where that was asked for. */
  void deploy(Lathe lathe, VersionDetails version) {
    if (!environment.isEmpty()) {
      lathe.deploy(model, version.version(), environment);
    }
  }

  /** Where it is live now, as the end of a sentence. */
  String where() {
    return environment.isEmpty() ? "" : " and live in " + environment;
  }
}
