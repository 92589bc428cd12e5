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

/** Triton's Python clients over HTTP and gRPC, as their users install them. */
class TritonPythonTest {
  @Test
  void httpClient_doesWhatItsExamplesDo(@TempDir Path folder) throws IOException {
    String python = Python.with("numpy", "tritonclient.http", "tritonclient.http.aio");
    TritonModels.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = folder.resolve("address");
      Files.writeString(address, server.address().getAuthority());
      String printed =
          Python.run(python, Python.script(TritonPythonTest.class, "triton_http.py"), address);
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

  @Test
  void grpcClient_doesWhatItsExamplesDo_onThePortOfHttp(@TempDir Path folder) throws IOException {
    String python = Python.with("numpy", "tritonclient.grpc", "tritonclient.grpc.aio");
    TritonModels.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(folder.resolve("data"), 0))) {
      Path address = folder.resolve("address");
      Files.writeString(address, server.address().getAuthority());
      String printed =
          Python.run(python, Python.script(TritonPythonTest.class, "triton_grpc.py"), address);
      assertThat(printed.lines().filter(line -> line.startsWith("ok ")))
          .containsExactly(
              "ok infer",
              "ok strings",
              "ok explicit",
              "ok types",
              "ok large",
              "ok asynchronous",
              "ok stream",
              "ok sequences",
              "ok classes",
              "ok about",
              "ok control",
              "ok errors",
              "ok keepalive");
    }
  }
}
