package dev.lathe.checks.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Java is formatted by google-java-format; {@code -Dtidy.fix=true} formats what is not. */
class FormatTest {
  private final Formatter formatter = new Formatter();

  @Test
  void java_isFormatted() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Path file : Sources.java()) {
      String text = Sources.text(file);
      String formatted = format(text);
      if (!formatted.equals(text)) {
        wrong.add(Sources.name(file));
        fix(file, formatted);
      }
    }
    assertThat(wrong)
        .as("run: mvn -pl checks -am test -Dtest=FormatTest -Dtidy.fix=true")
        .isEmpty();
  }

  private String format(String text) throws FormatterException {
    String ordered =
        ImportOrderer.reorderImports(
            RemoveUnusedImports.removeUnusedImports(text), JavaFormatterOptions.Style.GOOGLE);
    return formatter.formatSource(ordered);
  }

  private static void fix(Path file, String formatted) throws IOException {
    if (Boolean.getBoolean("tidy.fix")) {
      Files.writeString(file, formatted);
    }
  }
}
