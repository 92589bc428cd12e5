package dev.lathe.checks.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Names say what a thing is; some words and calls have no place here. */
class WordsTest {
  private static final Pattern VAGUE_NAME =
      Pattern.compile(
          "(Utils?|Helpers?|Managers?|Processors?|Impl)\\.java$|/(Abstract|Base|Common)[A-Z]\\w*\\.java$");

  private static final Map<String, Pattern> NOT_IN_MAIN =
      new TreeMap<>(
          Map.of(
              "unfinished work", Pattern.compile("\\b(TODO|FIXME|XXX|HACK)\\b"),
              "Java serialization", Pattern.compile("ObjectInputStream|readObject\\("),
              "a stack trace on the console", Pattern.compile("printStackTrace\\("),
              "a lock-step wait", Pattern.compile("Thread\\.sleep\\("),
              "an exit inside a room", Pattern.compile("System\\.exit\\(")));

  private static final Pattern ANY_EXCEPTION =
      Pattern.compile("catch \\((final )?(Exception|Throwable|RuntimeException) ");

  private static final Pattern SLEEPING = Pattern.compile("@Disabled\\b|Thread\\.sleep\\(");

  private static final Pattern HOME = Pattern.compile("[\"' (]/(home|root|Users)/\\w");

  private final Limits limits = new Limits();

  @Test
  void classes_areNotNamedVaguely() {
    assertThat(Sources.java().stream().map(Sources::name).filter(n -> VAGUE_NAME.matcher(n).find()))
        .isEmpty();
  }

  @Test
  void rooms_holdNoUnfinishedOrUnsafeCode() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.mainJava()) {
      String text = Sources.text(file);
      NOT_IN_MAIN.forEach(
          (what, pattern) -> {
            boolean launcher = text.contains("void main(") && what.startsWith("an exit");
            if (!launcher && pattern.matcher(text).find()) {
              wrong.add(Sources.name(file) + ": " + what);
            }
          });
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void anyException_isCaughtOnlyAtTheEdges() {
    Map<String, Integer> counts = new TreeMap<>();
    for (Path file : Sources.mainJava()) {
      int count = (int) ANY_EXCEPTION.matcher(Sources.text(file)).results().count();
      if (count > 0) {
        counts.put(Sources.name(file), count);
      }
    }
    assertThat(limits.problems("catch-all", 0, counts)).isEmpty();
  }

  @Test
  void tests_neitherSleepNorAreDisabled() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.java()) {
      String text = Sources.text(file);
      if (Sources.name(file).contains("/src/test/")
          && !Sources.name(file).endsWith("WordsTest.java")
          && SLEEPING.matcher(text).find()) {
        wrong.add(Sources.name(file));
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyPackage_hasASignWithNullMarked() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.mainJava()) {
      Path sign = file.resolveSibling("package-info.java");
      if (!sign.toFile().isFile() || !Sources.text(sign).contains("@NullMarked")) {
        wrong.add(Sources.name(sign));
      }
    }
    assertThat(wrong.stream().distinct()).isEmpty();
  }

  @Test
  void files_nameNoMachine() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.all()) {
      String name = Sources.name(file);
      boolean text = name.matches(".*\\.(java|md|xml|ya?ml|txt|sh|js|css|html)$");
      if (text && !name.endsWith("WordsTest.java") && HOME.matcher(Sources.text(file)).find()) {
        wrong.add(name);
      }
    }
    assertThat(wrong).isEmpty();
  }
}
