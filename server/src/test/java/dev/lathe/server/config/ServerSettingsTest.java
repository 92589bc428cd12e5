package dev.lathe.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Serving;
import dev.lathe.serve.Tuned;
import dev.lathe.server.ConfigSources;
import dev.lathe.server.ServerConfig;
import dev.lathe.server.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerSettingsTest {
  @TempDir private Path folder;

  @Test
  void nothingGiven_isLoopbackOnThePortOfTheBook() {
    ServerConfig usual = read("", Map.of(), Map.of());
    assertThat(usual.listen()).isEqualTo(new ServerConfig.Listen("127.0.0.1", 8080));
    assertThat(usual.environment()).isEqualTo("prod");
    assertThat(usual.limits()).isEqualTo(ServerConfig.Limits.defaults());
    assertThat(usual.limits().maxBodyBytes()).isEqualTo(64L << 20);
    assertThat(usual.limits().maxDelay()).isEqualTo(Tuned.auto());
  }

  @Test
  void file_isReadWithUnits() {
    String text =
        """
        listen:
          port: 9000
        serving: {environment: staging}
        limits:
          max_body: 1GiB      # a comment
          timeout: 250ms
        """;
    ServerConfig config = read(text, Map.of(), Map.of());
    assertThat(config.listen().port()).isEqualTo(9000);
    assertThat(config.listen().host()).isEqualTo("127.0.0.1");
    assertThat(config.environment()).isEqualTo("staging");
    assertThat(config.limits().maxBodyBytes()).isEqualTo(1L << 30);
    assertThat(config.limits().timeout()).isEqualTo(Duration.ofMillis(250));
  }

  @Test
  void textModels_areHeldAsGiven() {
    Serving.Text usual = read("", Map.of(), Map.of()).text();
    assertThat(usual)
        .isEqualTo(
            new Serving.Text(
                Optional.of("FLOAT32"), Optional.empty(), Optional.empty(), Optional.empty()));
    String text = "text: {weights: auto, slots: 4, context: 2048, cache: 512MiB}";
    assertThat(read(text, Map.of(), Map.of()).text())
        .isEqualTo(
            new Serving.Text(
                Optional.of("auto"), Optional.of(4), Optional.of(2048), Optional.of(512)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text.cache=1500KiB | text.cache: 1536000 bytes (expected: whole MiB)",
        "text.cache=2GiB | (expected: at most limits.memory, 1073741824 bytes)",
        "text.weights=w8a8 | text.weights",
        "text.slots=0 | text.slots"
      })
  void textModelsThatCannotBeHeldSo_areRefused(String setting, String message) {
    String[] pair = setting.split("=");
    assertThatThrownBy(() -> read("limits: {memory: 1GiB}", Map.of(), Map.of(pair[0], pair[1])))
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(ServerError.BAD_CONFIGURATION))
        .hasMessageContaining(message);
  }

  @Test
  void flags_winOverVariablesWinOverTheFile() {
    String text = "listen: {host: 127.0.0.2, port: 1}\nlimits: {queue_capacity: 1}\n";
    Map<String, String> variables =
        Map.of("LATHE_LISTEN_PORT", "2", "LATHE_LIMITS_QUEUE_CAPACITY", "2", "LATHE_OTHER", "x");
    ServerConfig config = read(text, variables, Map.of("listen.port", "3"));
    assertThat(config.listen()).isEqualTo(new ServerConfig.Listen("127.0.0.2", 3));
    assertThat(config.limits().queueCapacity()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listn: {}|server.yaml:1:8: unknown key \"listn\" (did you mean \"listen\"? known: listen",
        "listen: {prot: 1}|unknown key \"listen.prot\" (did you mean \"port\"? known: host, port",
        "listen: {port: 65536}|server.yaml:1:16: listen.port: \"65536\" (expected: a whole number",
        "listen: {port: x}|listen.port: \"x\" (expected: a whole number from 0 to 65535)",
        "listen: {port: [1]}|listen.port: a list (expected: a whole number",
        "listen: 7|listen: \"7\" (expected: a mapping)",
        "limits: {timeout: 30}|limits.timeout: \"30\" (expected: a time from 1ms to 1h such as",
        "limits: {max_body: 64MB}|limits.max_body: \"64MB\" (expected: bytes from 1024 to 1TiB",
        "limits: {max_body: 9999999TiB}|limits.max_body: \"9999999TiB\" (expected: bytes",
        "a: *x|an anchor, alias or tag",
        "listen: {port: 1, port: 2}|key \"port\" is given twice",
        "- 1|a list (expected: a mapping of sections)",
        "listen: {|not valid YAML"
      })
  void whatIsWrongInTheFile_isToldWithPlaceAndExpectation(String text, String told) {
    assertThatThrownBy(() -> read(text, Map.of(), Map.of()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(told)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(ServerError.BAD_CONFIGURATION);
  }

  @Test
  void unknownVariableOfASection_isRefusedWithASuggestion() {
    Map<String, String> variables = Map.of("LATHE_LISTEN_PROT", "1");
    assertThatThrownBy(() -> read("", variables, Map.of()))
        .hasMessage(
            "LATHE_LISTEN_PROT: unknown variable (did you mean \"PORT\"? known after LATHE_LISTEN_:"
                + " HOST, PORT, GRPC_PORT, NAMES, SERVER_NAME)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"port", "listen", "listen.port.more", ".", "", "listen.prot"})
  void flagThatIsNoSetting_isRefused(String key) {
    assertThatThrownBy(() -> read("", Map.of(), Map.of(key, "1")))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("command line: ");
  }

  @Test
  void missingFile_isNamed() {
    ConfigSources sources = new ConfigSources(folder.resolve("no.yaml"), Map.of(), Map.of());
    assertThatThrownBy(() -> ServerConfig.read(folder, sources))
        .hasMessageContaining("no such file");
  }

  private ServerConfig read(String text, Map<String, String> variables, Map<String, String> flags) {
    try {
      Path file = Files.writeString(folder.resolve("server.yaml"), text);
      return ServerConfig.read(folder, new ConfigSources(file, variables, flags));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
