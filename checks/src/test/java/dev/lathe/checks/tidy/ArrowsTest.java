package dev.lathe.checks.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Rooms know only the rooms that ARCHITECTURE.md says, and enter them by the door. */
class ArrowsTest {
  private static final Map<String, Set<String>> ARROWS =
      Map.ofEntries(
          Map.entry("ir", Set.of()),
          Map.entry("onnx", Set.of("ir")),
          Map.entry("prepare", Set.of("ir")),
          Map.entry("transform", Set.of("ir")),
          Map.entry("runtime", Set.of("ir", "onnx")),
          Map.entry("zoo", Set.of("ir", "onnx")),
          Map.entry("train", Set.of("ir", "onnx", "prepare", "transform", "runtime", "zoo")),
          Map.entry("registry", Set.of("ir", "onnx", "transform")),
          Map.entry("explain", Set.of("ir", "transform", "runtime")),
          Map.entry("generate", Set.of("ir", "onnx", "prepare", "transform", "runtime", "zoo")),
          Map.entry("serve", Set.of("ir", "onnx", "prepare", "runtime", "registry", "generate")),
          Map.entry(
              "server",
              Set.of(
                  "ir",
                  "onnx",
                  "prepare",
                  "transform",
                  "runtime",
                  "zoo",
                  "train",
                  "registry",
                  "explain",
                  "serve",
                  "generate")),
          Map.entry(
              "cli",
              Set.of("ir", "onnx", "zoo", "train", "registry", "serve", "generate", "server")),
          Map.entry("testkit", Set.of("ir")));

  private static final Pattern MENTION =
      Pattern.compile("\\bdev\\.lathe\\.([a-z]+)(\\.[a-z]\\w*)?");

  @Test
  void rooms_knowOnlyTheRoomsBelowThem() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.mainJava()) {
      String room = Sources.room(file);
      Set<String> allowed = ARROWS.get(room);
      if (allowed == null) {
        continue;
      }
      imports(file)
          .filter(mention -> !mention.room().equals(room) && !allowed.contains(mention.room()))
          .forEach(mention -> wrong.add(Sources.name(file) + " → " + mention.room()));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void rooms_enterOthersByTheDoor() {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.mainJava()) {
      imports(file)
          .filter(mention -> !mention.room().equals(Sources.room(file)))
          .filter(mention -> !mention.closet().isEmpty())
          .forEach(
              mention -> wrong.add(Sources.name(file) + " → " + mention.room() + mention.closet()));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyModule_hasItsArrows() throws Exception {
    List<String> unknown = new ArrayList<>();
    try (var modules = Files.list(Sources.ROOT)) {
      modules
          .filter(folder -> Files.isRegularFile(folder.resolve("pom.xml")))
          .map(folder -> folder.getFileName().toString())
          .filter(name -> !ARROWS.containsKey(name))
          .filter(name -> !Set.of("checks", "benchmarks", "examples").contains(name))
          .forEach(unknown::add);
    }
    assertThat(unknown).as("modules without arrows in this test").isEmpty();
  }

  private record Mention(String room, String closet) {}

  private static java.util.stream.Stream<Mention> imports(Path file) {
    return Sources.text(file)
        .lines()
        .filter(line -> line.startsWith("import "))
        .flatMap(
            line -> {
              Matcher matcher = MENTION.matcher(line);
              return matcher.find()
                  ? java.util.stream.Stream.of(
                      new Mention(
                          matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2)))
                  : java.util.stream.Stream.empty();
            });
  }
}
