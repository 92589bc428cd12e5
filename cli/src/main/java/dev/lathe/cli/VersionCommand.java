package dev.lathe.cli;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Says which Lathe this is. */
@Command(name = "version", description = "Show which Lathe and which Java this is.")
final class VersionCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  VersionCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    String version = version();
    String java = Runtime.version().toString();
    Map<String, String> parts = new TreeMap<>(Map.of("lathe", version, "java", java));
    bench.answer(place, parts, () -> bench.screen().line("lathe " + version + " on Java " + java));
    return 0;
  }

  static String version() {
    String version = Main.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
