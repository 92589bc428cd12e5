package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.ServerConfig;
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
      "Loopback only: there is no access control yet."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe serve",
      "  lathe serve --port 9000 --env staging",
      "  lathe serve --port 0 --json       any free port, the address as JSON"
    })
final class ServeCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final Port port = new Port();
  private final Bench bench;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "The address to listen on; loopback only (default: ${DEFAULT-VALUE}).")
  private String host = "127.0.0.1";

  @Option(
      names = "--env",
      paramLabel = "NAME",
      defaultValue = "prod",
      description = "The environment that answers where a request names none (${DEFAULT-VALUE}).")
  private String environment = "prod";

  ServeCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    place.requireLocal();
    ServerConfig config =
        new ServerConfig(
            place.data(), host, port.number(), environment, ServerConfig.Limits.defaults());
    try (Running server = Running.start(config)) {
      Map<String, String> document = Map.of("address", server.address().toString());
      bench.answer(place, document, () -> greet(server));
      server.await();
    }
    return 0;
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
