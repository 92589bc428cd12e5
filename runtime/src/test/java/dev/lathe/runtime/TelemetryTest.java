package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process of its own with a long command line and a fresh home folder: engines with telemetry
 * have crashed on the one and left an identifier in the other.
 */
class TelemetryTest {
  private static final int LONG_COMMAND_LINE = 10_000;

  /** What the child process runs. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws Throwable {
      try (Session session = Session.open(Models.affine(), SessionOptions.defaults())) {
        Tensor x = Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3);
        System.out.println(session.run(Map.of("x", x)).get("y").toFloats()[0]);
      }
      System.out.println("disabled: " + environment("ORT_DISABLE_TELEMETRY"));
    }

    /** The process's environment as native code sees it; Java's own copy dates from the start. */
    @SuppressWarnings("restricted")
    private static String environment(String name) throws Throwable {
      Linker linker = Linker.nativeLinker();
      MethodHandle getenv =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("getenv"),
              FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment value = (MemorySegment) getenv.invokeExact(arena.allocateFrom(name));
        return value.address() == 0 ? "not set" : value.reinterpret(8).getString(0);
      }
    }
  }

  @Test
  void longCommandLine_livesAndLeavesNoFile(@TempDir Path home) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("-Xmx256m");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-Duser.home=" + home);
    command.add("-Dpadding=" + "x".repeat(LONG_COMMAND_LINE));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Child.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("HOME", home.toString());
    builder.environment().keySet().removeIf(key -> key.startsWith("XDG_"));
    builder.environment().remove("ORT_DISABLE_TELEMETRY");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(said).isZero();
    assertThat(said).contains("19.0", "disabled: 1");
    try (Stream<Path> left = Files.walk(home)) {
      assertThat(left.filter(Files::isRegularFile)).isEmpty();
    }
  }
}
