package dev.lathe.checks.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Nothing lies about: every class has a caller, every link a target, every named file exists. */
class DeadFilesTest {
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(#[^)]*)?\\)");
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Pattern PLACE =
      Pattern.compile("`((?:ir|onnx|runtime|transform|zoo|train|registry|serve|server|cli)/\\w+)`");

  @Test
  void everyClass_isUsedByAnother() {
    Map<String, Set<Path>> users = new HashMap<>();
    for (Path file : Sources.java()) {
      WORD.matcher(Sources.text(file))
          .results()
          .forEach(word -> users.computeIfAbsent(word.group(), w -> new HashSet<>()).add(file));
    }
    List<String> dead = new ArrayList<>();
    for (Path file : Sources.mainJava()) {
      String type = file.getFileName().toString().replace(".java", "");
      boolean entry = type.equals("package-info") || Sources.text(file).contains("void main(");
      if (!entry && users.getOrDefault(type, Set.of()).size() < 2) {
        dead.add(Sources.name(file));
      }
    }
    assertThat(dead).isEmpty();
  }

  @Test
  void everyLink_hasATarget() {
    List<String> broken = new ArrayList<>();
    for (Path file : Sources.all()) {
      if (!Sources.name(file).endsWith(".md")) {
        continue;
      }
      Matcher link = LINK.matcher(Sources.text(file));
      while (link.find()) {
        if (!Files.exists(file.resolveSibling(link.group(1)))) {
          broken.add(Sources.name(file) + " → " + link.group(1));
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void architecture_namesFilesThatExist() {
    List<String> missing = new ArrayList<>();
    Matcher place = PLACE.matcher(Sources.text(Sources.ROOT.resolve("ARCHITECTURE.md")));
    while (place.find()) {
      String[] parts = place.group(1).split("/");
      boolean found =
          Sources.mainJava().stream()
              .anyMatch(
                  file ->
                      Sources.room(file).equals(parts[0])
                          && file.getFileName().toString().equals(parts[1] + ".java"));
      if (!found) {
        missing.add(place.group(1));
      }
    }
    assertThat(missing).isEmpty();
  }
}
