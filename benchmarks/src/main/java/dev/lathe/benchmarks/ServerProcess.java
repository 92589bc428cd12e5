package dev.lathe.benchmarks;

import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Lineage;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.server.LatheServer;
import dev.lathe.server.Right;
import dev.lathe.server.ServerConfig;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Mlp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A Lathe server with one MLP and an echo handler, in a process of its own. */
final class ServerProcess implements AutoCloseable {
  /** Features of the model's one input. */
  static final int INPUTS = 784;

  private final Process process;
  private final String address;
  private final Path data;

  private ServerProcess(Process process, String address, Path data) {
    this.process = process;
    this.address = address;
    this.data = data;
  }

  static ServerProcess start() {
    try {
      Path data = Files.createTempDirectory("lathe-bench");
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "-XX:+UseCompactObjectHeaders",
                  "-Xmx512m",
                  "-classpath",
                  System.getProperty("java.class.path"),
                  Main.class.getName(),
                  data.toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String address = process.inputReader().readLine();
      if (address == null) {
        throw new IllegalStateException("the server did not start");
      }
      return new ServerProcess(process, address, data);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String address() {
    return address;
  }

  /** CPU time of the process so far. */
  Duration cpu() {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  @Override
  public void close() {
    process.destroy();
    try (Stream<Path> files = Files.walk(data)) {
      process.waitFor();
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the process runs. */
  static final class Main {
    private Main() {}

    public static void main(String[] arguments) throws InterruptedException {
      Path data = Path.of(arguments[0]);
      publish(data.resolve("registry"));
      try (LatheServer server =
          LatheServer.start(
              ServerConfig.of(data, 0),
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

    private static void publish(Path root) {
      Model model = new Mlp(INPUTS, List.of(256, 128), 10, Activation.RELU).build(1);
      Lineage lineage =
          new Lineage("build", List.of(), "", List.of(), Map.of(), 1, "benchmark", Instant.EPOCH);
      Metadata metadata = new Metadata("regression", List.of(), Signature.of(model), lineage);
      try (Registry registry = Registry.open(root)) {
        ModelName name = ModelName.parse("bench/mlp");
        registry.publish(
            name, Release.of(Content.of(OnnxFile.toBytes(model)), metadata, "for a benchmark"));
        registry.deploy(name, "v1", "prod");
      }
    }
  }
}
