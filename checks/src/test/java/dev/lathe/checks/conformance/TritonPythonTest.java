package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Triton's Python client over HTTP, as its users install it. */
class TritonPythonTest {
  @Test
  void httpClient_doesWhatItsExamplesDo(@TempDir Path folder) throws IOException {
    String python = Python.with("numpy", "tritonclient.http", "tritonclient.http.aio");
    TritonModels.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = folder.resolve("address");
      Files.writeString(address, server.address().getAuthority());
      String printed = Python.run(python, script(), address);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .containsExactly(
              "ok infer",
              "ok strings",
              "ok asynchronous",
              "ok types",
              "ok large",
              "ok classes",
              "ok about",
              "ok control",
              "ok errors");
    }
  }

  private static String script() throws IOException {
    try (InputStream in = TritonPythonTest.class.getResourceAsStream("triton_http.py")) {
      if (in == null) {
        throw new IllegalStateException("no script beside " + TritonPythonTest.class);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
