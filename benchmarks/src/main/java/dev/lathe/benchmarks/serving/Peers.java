package dev.lathe.benchmarks.serving;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Other servers with the same models, where they are installed, and the engine in Python. */
final class Peers {
  /** Where {@code benchmarks/peers/djl-serving/pom.xml} puts what it builds. */
  private static final Path DJL = Path.of("peers/djl-serving/target");

  private Peers() {}

  /**
   * A peer that answers.
   *
   * @param process what works
   * @param address where
   * @param version what it is, for the report
   */
  record Peer(Watched process, URI address, String version) implements AutoCloseable {
    @Override
    public void close() {
      process.close();
    }
  }

  /** DJL Serving with its plugin for the Open Inference Protocol; empty where it is not built. */
  static Optional<Peer> djl(Path models, List<Task> tasks) {
    try (Stream<Path> jars = Files.isDirectory(DJL) ? Files.list(DJL) : Stream.empty()) {
      Optional<Path> jar = jars.filter(file -> file.toString().endsWith(".jar")).findFirst();
      return jar.flatMap(found -> djl(found.toAbsolutePath(), models, tasks));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<Peer> djl(Path jar, Path models, List<Task> tasks) {
    int port = freePort();
    Path folder = models.resolve("djl");
    List<String> loaded = new ArrayList<>();
    try {
      for (Task task : tasks) {
        Path own = Files.createDirectories(folder.resolve(task.id()));
        Files.createSymbolicLink(
            own.resolve(task.id() + ".onnx"), models.resolve(task.id() + ".onnx"));
        Files.writeString(
            own.resolve("serving.properties"),
            "engine=OnnxRuntime\nminWorkers=1\nmaxWorkers=1\noption.modelName="
                + task.id()
                + "\noption.interOpNumThreads=1\noption.intraOpNumThreads=1\n");
        loaded.add(task.id() + "=" + own.toUri());
      }
      Files.createDirectories(folder.resolve("plugins"));
      String address = "http://127.0.0.1:" + port;
      Files.writeString(
          folder.resolve("config.properties"),
          "inference_address=%s\nmanagement_address=%s\nplugin_folder=%s\n"
              .formatted(address, address, folder.resolve("plugins")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "-Xmx1g", "-Dai.djl.offline=true"));
    command.addAll(List.of("-cp", jar + ":" + jar.resolveSibling("lib") + "/*"));
    command.addAll(List.of("ai.djl.serving.ModelServer", "-f"));
    command.add(folder.resolve("config.properties").toString());
    command.add("-m");
    command.add(String.join(",", loaded));
    String version = jar.getFileName().toString().replace(".jar", "");
    return Watched.start(command, Map.of())
        .map(process -> new Peer(process, URI.create("http://127.0.0.1:" + port), version))
        .filter(peer -> announces(peer, "MANAGEMENT API bind|BOTH API bind"));
  }

  /** FastAPI with ONNX Runtime, where a Python has them. */
  static Optional<Peer> fastApi(Path models) {
    int port = freePort();
    return python("fastapi_server.py", models.toString(), String.valueOf(port))
        .map(
            started ->
                new Peer(
                    started.process(), URI.create("http://127.0.0.1:" + port), started.version()));
  }

  /** The engine in Python, in a loop without a network. */
  static Optional<Peer> pythonEngine(Path models, Task task) {
    return python("onnxruntime_loop.py", models.toString(), task.id());
  }

  private static Optional<Peer> python(String script, String... arguments) {
    Path file = copied(script);
    return Stream.of(
            Optional.ofNullable(System.getenv("LATHE_PYTHON")),
            Optional.of("../target/python/bin/python3"),
            Optional.of("python3"))
        .flatMap(Optional::stream)
        .flatMap(
            python -> {
              List<String> command = new ArrayList<>(List.of(python, file.toString()));
              command.addAll(List.of(arguments));
              return Watched.start(command, Map.of()).stream();
            })
        .flatMap(
            process ->
                process.line().stream()
                    .map(version -> new Peer(process, URI.create("http://127.0.0.1"), version)))
        .findFirst();
  }

  private static boolean announces(Peer peer, String pattern) {
    for (Optional<String> line = peer.process().line();
        line.isPresent();
        line = peer.process().line()) {
      if (line.get().matches(".*(" + pattern + ").*")) {
        peer.process().ignoreRest();
        return true;
      }
    }
    peer.close();
    return false;
  }

  private static Path copied(String resource) {
    try (InputStream text = Peers.class.getResourceAsStream(resource)) {
      Path file = Files.createTempFile("peer", ".py");
      file.toFile().deleteOnExit();
      Files.copy(Objects.requireNonNull(text), file, StandardCopyOption.REPLACE_EXISTING);
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
