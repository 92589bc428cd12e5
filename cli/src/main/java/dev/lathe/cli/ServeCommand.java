package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.ConfigSources;
import dev.lathe.server.ServerConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs the server until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Serve the models over HTTP until Ctrl-C: the Open Inference Protocol at /v2, Lathe's own"
          + " verbs at /api/v1, Git at /git, metrics at /metrics, the console at /.",
      "Others than this machine reach it only with access control and TLS: see lathe keys."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe serve",
      "  lathe serve --port 9000 --env staging",
      "  lathe serve --config server.yaml --set limits.max_body=16MiB",
      "  lathe serve --port 0 --json       any free port, the address as JSON"
    })
final class ServeCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Port port = new Port();
  private final Bench bench;

  @Option(
      names = {"-c", "--config"},
      paramLabel = "FILE",
      description = "A YAML file with the server's settings; see docs/reference/server.md.")
  private Path config = Path.of("");

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, for example limits.max_body=16MiB; wins over file and variables.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "The address to listen on (default: 127.0.0.1).")
  private String host = "";

  @Option(
      names = "--env",
      paramLabel = "NAME",
      description = "The environment that answers where a request names none (default: prod).")
  private String environment = "";

  ServeCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    place.requireLocal();
    ConfigSources sources = new ConfigSources(config, System.getenv(), flags());
    try (Running server = Running.start(ServerConfig.read(place.data(), sources))) {
      Map<String, String> document = Map.of("address", server.address().toString());
      bench.answer(place, document, () -> greet(server));
      server.await();
    }
    return 0;
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new LinkedHashMap<>(settings);
    if (!host.isEmpty()) {
      flags.put("listen.host", host);
    }
    if (!environment.isEmpty()) {
      flags.put("serving.environment", environment);
    }
    port.given().ifPresent(number -> flags.put("listen.port", Integer.toString(number)));
    return flags;
  }

  private void greet(Running server) {
    Screen screen = bench.screen();
    screen.line(
        "Serving "
            + place.data()
            + " at "
            + screen.paint(Style.NAME, server.address().toString())
            + " (Ctrl-C stops)");
  }
}
