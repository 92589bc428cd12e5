package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** OpenAI's clients for Python and for JavaScript, as their users install them. */
class OpenAiScriptsTest {
  @Test
  void pythonClient_doesWhatItsUsersDo(@TempDir Path folder) throws IOException {
    String python = Python.with("openai");
    ShakespeareModel.publish(folder.resolve("data"));
    ShakespeareModel.publishVectors(folder.resolve("data"), folder);
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = Files.writeString(folder.resolve("address"), server.address().toString());
      String printed =
          Python.run(python, Python.script(OpenAiScriptsTest.class, "openai_client.py"), address);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .containsExactly(
              "ok models",
              "ok chat",
              "ok stream",
              "ok tools",
              "ok schema",
              "ok schema_or_tools",
              "ok completions",
              "ok many",
              "ok embeddings",
              "ok responses",
              "ok errors",
              "ok asynchronous");
    }
  }

  @Test
  void javaScriptClient_doesWhatItsUsersDo(@TempDir Path folder) throws Exception {
    Path modules = modules();
    ShakespeareModel.publish(folder.resolve("data"));
    ShakespeareModel.publishVectors(folder.resolve("data"), folder);
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = Files.writeString(folder.resolve("address"), server.address().toString());
      Path script =
          Files.writeString(
              folder.resolve("a.mjs"), Python.script(OpenAiScriptsTest.class, "openai_client.mjs"));
      String printed =
          run(List.of("node", script.toString(), address.toString(), modules.toString()), folder);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .as(printed)
          .containsExactly(
              "ok chat",
              "ok stream",
              "ok tools",
              "ok schema",
              "ok embeddings",
              "ok abort",
              "ok errors");
    }
  }

  /**
   * A folder with npm's {@code openai}: {@code -Dlathe.node}, or what the continuous build makes.
   */
  private static Path modules() {
    Path here = Path.of("").toAbsolutePath();
    Path made = here.resolveSibling("target").resolve("node");
    Path folder = Path.of(System.getProperty("lathe.node", made.toString()));
    if (!Files.isDirectory(folder.resolve("node_modules/openai"))) {
      throw new TestAbortedException(
          "skipped: no npm package openai in " + folder + " (set -Dlathe.node=DIR)");
    }
    return folder;
  }

  private static String run(List<String> command, Path folder)
      throws IOException, InterruptedException {
    Path printed = folder.resolve("printed");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
    }
    return Files.readString(printed);
  }
}
