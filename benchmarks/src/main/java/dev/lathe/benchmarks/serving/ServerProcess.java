package dev.lathe.benchmarks.serving;

import dev.lathe.server.ConfigSources;
import dev.lathe.server.LatheServer;
import dev.lathe.server.Right;
import dev.lathe.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A Lathe server over a data directory, with an echo handler, in a process of its own. */
public final class ServerProcess implements AutoCloseable {
  /** The heap is resident from the start, so that what grows is something else. */
  private static final List<String> OPTIONS =
      List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

  private final Watched process;
  private final URI address;

  private ServerProcess(Watched process, URI address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a server; it answers when this returns.
   *
   * @param data its data directory
   * @param settings values by dotted key, as in its configuration
   * @return the server; the caller closes it
   */
  public static ServerProcess start(Path data, Map<String, String> settings) {
    List<String> arguments = new ArrayList<>(List.of(data.toString()));
    settings.forEach((key, value) -> arguments.add(key + "=" + value));
    Watched process = Watched.java(OPTIONS, Main.class, arguments.toArray(String[]::new));
    String address =
        process.line().orElseThrow(() -> new IllegalStateException("the server did not start"));
    return new ServerProcess(process, URI.create(address));
  }

  /**
   * Where it answers.
   *
   * @return its address
   */
  public URI address() {
    return address;
  }

  /**
   * What it runs in.
   *
   * @return the process
   */
  public Watched process() {
    return process;
  }

  @Override
  public void close() {
    process.close();
  }

  /** What the process runs. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
      Map<String, String> settings = new LinkedHashMap<>(Map.of("listen.port", "0"));
      for (String argument : List.of(arguments).subList(1, arguments.length)) {
        String[] setting = argument.split("=", 2);
        settings.put(setting[0], setting[1]);
      }
      ConfigSources sources = new ConfigSources(Path.of(""), Map.of(), settings);
      try (LatheServer server =
          LatheServer.start(
              ServerConfig.read(Path.of(arguments[0]), sources),
              routes ->
                  routes.post(
                      Right.NONE,
                      "/echo",
                      (request, response) -> response.send(request.content().as(byte[].class))))) {
        System.out.println(server.address());
        System.out.flush();
        Thread.currentThread().join();
      }
    }
  }
}
