package dev.lathe.cli;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every verb takes: where the data is and how to answer. */
final class Place {
  /** Where everything lives unless told otherwise. */
  static final Path DEFAULT_DATA =
      Path.of(Objects.requireNonNullElse(System.getenv("LATHE_DATA"), "lathe-data"));

  private static final int LONGEST_KEY = 16_384;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @ArgGroup(exclusive = true)
  private @Nullable Where where;

  @Option(
      names = "--key-file",
      paramLabel = "FILE",
      description = "Where the key for --server is (default: the variable LATHE_KEY).")
  private @Nullable Path keyFile;

  @Option(
      names = "--json",
      description = "Answer with one JSON document on standard output, for machines.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show the log and, on an internal error, the details.")
  private boolean verbose;

  private static final class Where {
    @Option(
        names = "--data",
        paramLabel = "DIR",
        description = "Where everything lives (default: LATHE_DATA, or ./lathe-data).")
    private @Nullable Path data;

    @Option(
        names = "--server",
        paramLabel = "URL",
        converter = ServerAddress.class,
        description = "Ask a running server instead, for example http://127.0.0.1:8080.")
    private @Nullable URI server;
  }

  /** The server to ask, or null for this process. */
  @Nullable URI server() {
    return where == null ? null : where.server;
  }

  /** Refuses {@code --server} where it makes no sense. */
  void requireLocal() {
    if (server() != null) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--server makes no sense here: this verb runs the server itself");
    }
  }

  /** Refuses a data folder that cannot be one; one that does not exist yet is fine. */
  void requireFolder() {
    if (data().toString().isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--data is empty (expected: a folder)");
    }
    Path above = data().toAbsolutePath().normalize();
    while (above != null && Files.notExists(above)) {
      above = above.getParent();
    }
    if (above != null && !Files.isDirectory(above)) {
      boolean itself = above.equals(data().toAbsolutePath().normalize());
      String what = itself ? "" : above + " is ";
      throw new LatheException(
          PlaceError.NOT_A_FOLDER, "--data " + data() + ": " + what + "not a folder");
    }
  }

  /** Refuses a data folder that nothing was ever made in. */
  void requireData() {
    if (server() == null && !Files.isDirectory(data().resolve("registry"))) {
      throw new LatheException(
          PlaceError.NO_DATA,
          "no data folder at "
              + data()
              + (usual()
                  ? " (lathe quickstart and lathe train make one)"
                  : " (expected: the --data of an earlier lathe train, serve or quickstart)"));
    }
  }

  /** Whether everything lives where it does unless told otherwise. */
  boolean usual() {
    return server() == null && data().equals(DEFAULT_DATA);
  }

  Path data() {
    return where == null || where.data == null ? DEFAULT_DATA : where.data;
  }

  /** The options that lead back here, to be typed behind a verb; empty for the usual place. */
  String words() {
    if (server() != null) {
      return " --server " + server();
    }
    return data().equals(DEFAULT_DATA) ? "" : " --data " + quoted(data().toString());
  }

  static String quoted(String text) {
    return text.matches("[\\w./:@%+=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  /** The key for the server to ask; empty if there is none. */
  String key() {
    if (keyFile == null) {
      return Objects.requireNonNullElse(System.getenv("LATHE_KEY"), "").strip();
    }
    try (InputStream in = Files.newInputStream(keyFile)) {
      return new String(in.readNBytes(LONGEST_KEY), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  boolean json() {
    return json;
  }

  boolean verbose() {
    return verbose;
  }
}
