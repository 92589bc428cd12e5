package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.ConfigSources;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Triton's Python clients over HTTP and gRPC, doing what their examples do.
 *
 * <p>Where a registry has no {@code tritonclient}, it is made from its source: copy {@code
 * src/python} of the repository {@code triton-inference-server/client}; make the stubs of {@code
 * grpc_service.proto} and {@code model_config.proto} in {@code triton-inference-server/common} by
 * {@code python -m grpc_tools.protoc} into {@code src/python/_deps/repo-common-build/protobuf};
 * write a version into {@code src/python/library/TRITON_VERSION}; run {@code build_wheel.py
 * --dest-dir wheel} there, and install the wheel with {@code --no-deps} beside grpcio, numpy,
 * aiohttp, python-rapidjson, gevent and geventhttpclient. {@code -Dlathe.python} names its Python.
 */
class TritonPythonTest {
  @Test
  void httpClient_doesWhatItsExamplesDo(@TempDir Path folder) throws IOException {
    String python = Python.with("numpy", "tritonclient.http", "tritonclient.http.aio");
    TritonModels.publish(folder.resolve("data"));
    try (LatheServer server = LatheServer.start(config(folder))) {
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
    try (LatheServer server = LatheServer.start(config(folder))) {
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

  /** With the name that the examples insist on. */
  private static ServerConfig config(Path folder) {
    Map<String, String> set = Map.of("listen.port", "0", "listen.server_name", "triton");
    return ServerConfig.read(folder.resolve("data"), new ConfigSources(Path.of(""), Map.of(), set));
  }
}
