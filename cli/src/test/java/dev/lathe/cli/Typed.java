package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.server.Lathe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a command line left behind.
 *
 * @param exit the exit code
 * @param out standard output
 * @param err standard error
 */
record Typed(int exit, String out, String err) {
  /** Runs a command line against verbs, with nothing on standard input. */
  static Typed run(Lathe lathe, String... arguments) {
    return run(lathe, Screen.Traits.PIPE, "", arguments);
  }

  /** Runs a command line as the program itself does, over real folders. */
  static Typed local(String... arguments) {
    return run(Bench.system().opener(), Screen.Traits.PIPE, "", arguments);
  }

  static Typed run(Lathe lathe, Screen.Traits traits, String in, String... arguments) {
    return run((place, footing) -> lathe, traits, in, arguments);
  }

  private static Typed run(
      Bench.Opener opener, Screen.Traits traits, String in, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Screen screen =
        new Screen(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            traits);
    Bench bench =
        new Bench(
            screen,
            opener,
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            Clock.fixed(FakeLathe.NOW, ZoneOffset.UTC));
    int exit = new Cli(bench).run(arguments);
    return new Typed(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }
}
