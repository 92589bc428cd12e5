package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.lathe.cli.text.Screen;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where verbs are sent: folders that are not there, or not folders, and servers. */
class PlaceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models",
        "log demo/digits",
        "show demo/digits",
        "jobs",
        "jobs show job-1",
        "jobs resume job-1",
        "train --resume",
        "deployments",
        "deploy demo/digits@v1 --env prod",
        "predict demo/digits --input 1,2",
        "checkout demo/digits out"
      })
  void mistypedDataFolder_isToldAndNotMade(String line) throws IOException {
    Path data = folder.resolve("mistyped");
    Typed typed = Typed.local((line + " --data " + data).split(" "));
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.out()).isEmpty();
    assertThat(typed.err().lines()).hasSize(1);
    assertThat(typed.err()).startsWith("lathe: no data folder at " + data + " (expected: ");
    try (Stream<Path> made = Files.list(folder)) {
      assertThat(made).isEmpty();
    }
  }

  @Test
  void usualDataFolder_thatIsMissing_hasNoModelsYetAndIsNotMade() {
    assumeThat(Place.DEFAULT_DATA).doesNotExist();
    Typed typed = Typed.local("models");
    assertThat(typed.exit()).isZero();
    assertThat(typed.err()).startsWith("No models yet");
    assertThat(Typed.local("models", "--json").json().isEmpty()).isTrue();
    assertThat(Typed.local("jobs").err()).contains("no data folder at lathe-data (lathe quick");
    assertThat(Place.DEFAULT_DATA).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"models", "serve --port 0", "quickstart --once --port 0", "jobs list"})
  void fileAsDataFolder_isRefusedInOneLine(String verb) throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "x");
    Typed typed = Typed.local((verb + " --data " + file).split(" "));
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err().strip()).isEqualTo("lathe: --data " + file + ": not a folder");
    Typed below = Typed.local((verb + " --data " + file.resolve("below")).split(" "));
    assertThat(below.exit()).isEqualTo(2);
    assertThat(below.err().strip()).endsWith(": " + file + " is not a folder");
    assertThat(file).hasContent("x");
  }

  @Test
  void environmentThatCannotBe_isRefusedBeforeServing() {
    Typed typed =
        Typed.local("serve", "--port", "0", "--env", "BAD NAME", "--data", folder.toString());
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("serving.environment: \"BAD NAME\" (expected: an environment");
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:8080, http://127.0.0.1:8080",
    "localhost:8080, http://localhost:8080",
    "https://lathe.example/, https://lathe.example/"
  })
  void server_mayBeTypedWithoutItsScheme(String typed, URI server) throws Exception {
    assertThat(new ServerAddress().convert(typed)).isEqualTo(server);
  }

  @Test
  void interruption_leavesTheHintToTheReport_andGivesItWhereThereWasNone() throws Exception {
    assertThat(hints(true)).isZero();
    assertThat(hints(false)).isOne();
  }

  private static long hints(boolean settled) throws InterruptedException {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(err, true);
    Screen screen = new Screen(stream, stream, Screen.Traits.PIPE);
    FakeLathe lathe = new FakeLathe();
    Interruption interruption = new Interruption(lathe, new Place(), screen);
    interruption.accepted(lathe.job("job-1"));
    Thread hook = Thread.ofPlatform().start(interruption::stop);
    while (!lathe.asked.contains("cancel job-1")) {
      Thread.onSpinWait();
    }
    if (settled) {
      interruption.settled();
    }
    interruption.close();
    hook.join();
    return err.toString().lines().filter(line -> line.contains("lathe jobs resume")).count();
  }
}
