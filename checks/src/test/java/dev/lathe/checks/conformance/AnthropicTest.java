package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Anthropic's client for Python, as its users install it. */
class AnthropicTest {
  @Test
  void pythonClient_doesWhatItsUsersDo(@TempDir Path folder) throws IOException {
    String python = Python.with("anthropic");
    ShakespeareModel.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = Files.writeString(folder.resolve("address"), server.address().toString());
      String script = Python.script(AnthropicTest.class, "anthropic_client.py");
      String printed = Python.run(python, script, address);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .containsExactly(
              "ok message",
              "ok stream",
              "ok blocks",
              "ok tools",
              "ok stop",
              "ok tokens",
              "ok errors");
    }
  }
}
