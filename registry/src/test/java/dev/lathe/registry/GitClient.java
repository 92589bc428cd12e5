package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The real {@code git}, with no configuration of whoever runs the tests. */
final class GitClient {
  private static final long LIMIT_SECONDS = 60;

  private final Path home;

  GitClient(Path home) {
    this.home = home;
    Assumptions.assumeTrue(succeeds("--version"), "skipped: no git on the path");
  }

  /** Skips the test where Git LFS is not installed; otherwise lets this client use it. */
  GitClient withLfs() {
    Assumptions.assumeTrue(succeeds("lfs", "version"), "skipped: no git-lfs on the path");
    run("lfs", "install", "--skip-repo");
    return this;
  }

  private boolean succeeds(String... arguments) {
    try {
      return start(List.of(arguments)).exit() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** What a command printed on both streams; fails the test if its exit status is not 0. */
  String run(String... arguments) {
    try {
      Result result = start(List.of(arguments));
      assertThat(result.exit())
          .as("git %s\n%s", String.join(" ", arguments), result.text())
          .isZero();
      return result.text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** As {@link #run}, in a repository. */
  String in(Path repository, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-C", repository.toString()));
    all.addAll(List.of(arguments));
    return run(all.toArray(String[]::new));
  }

  /** As {@link #run}, with a file as its input. */
  String feed(Path input, String... arguments) {
    try {
      Result result = start(List.of(arguments), ProcessBuilder.Redirect.from(input.toFile()));
      assertThat(result.exit()).as("git %s\n%s", arguments[0], result.text()).isZero();
      return result.text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** What a command printed that had to fail; fails the test if its exit status is 0. */
  String fails(String... arguments) {
    try {
      Result result = start(List.of(arguments));
      assertThat(result.exit()).as("git %s", String.join(" ", arguments)).isNotZero();
      return result.text();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private record Result(int exit, String text) {}

  private Result start(List<String> arguments) throws IOException {
    return start(arguments, ProcessBuilder.Redirect.PIPE);
  }

  private Result start(List<String> arguments, ProcessBuilder.Redirect input) throws IOException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectInput(input);
    builder.environment().put("HOME", home.toString());
    builder.environment().put("GIT_CONFIG_NOSYSTEM", "1");
    builder.environment().put("GIT_TERMINAL_PROMPT", "0");
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return new Result(process.exitValue(), text);
  }
}
