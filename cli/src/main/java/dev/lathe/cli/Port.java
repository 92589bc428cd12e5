package dev.lathe.cli;

import dev.lathe.ir.LatheException;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The port that a server listens on. */
final class Port {
  private static final int USUAL = 8080;
  private static final int LAST = 65_535;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-p", "--port"},
      paramLabel = "PORT",
      description = "The port; 0 takes any free one (default: " + USUAL + ").")
  private @Nullable Integer given;

  /** The port that was asked for, or the usual one. */
  int number() {
    return given().orElse(USUAL);
  }

  /** The port that was asked for. */
  OptionalInt given() {
    Integer number = given;
    if (number == null) {
      return OptionalInt.empty();
    }
    if (number < 0 || number > LAST) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--port " + number + " (expected: 0 to " + LAST + ")");
    }
    return OptionalInt.of(number);
  }

  /** Refuses a port that is taken, before any work is put into what needs it. */
  void requireFree() {
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), number()));
    } catch (IOException e) {
      throw new LatheException(
          ServerError.PORT_IN_USE,
          "port " + number() + " is in use (choose another with --port, or 0 for any free one)",
          e);
    }
  }
}
