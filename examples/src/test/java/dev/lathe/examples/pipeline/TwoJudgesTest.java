package dev.lathe.examples.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.server.Lathe;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TwoJudgesTest {
  private static final Path DECLARED = Path.of("judges/lathe.yaml");

  @TempDir Path data;

  @Test
  void example_releasesAndAnswersAJpegFile() throws Exception {
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    PrintStream before = System.out;
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      TwoJudges.main(new String[] {data.toString(), DECLARED.toString()});
    } finally {
      System.setOut(before);
    }
    String text = printed.toString(StandardCharsets.UTF_8).strip();
    assertThat(text).startsWith("[green, blue] ");
    double red = Math.exp(5 * 40 / 255.0);
    double green = Math.exp(5 * 180 / 255.0);
    double blue = Math.exp(5 * 90 / 255.0);
    assertThat(Double.parseDouble(text.substring(text.indexOf(']') + 2)))
        .isCloseTo(green / (red + green + blue), within(0.01));
    try (Lathe lathe = Lathe.open(data)) {
      assertThat(lathe.show("examples/judges", "v1").origin().parents())
          .containsExactly("examples/strict@v1");
    }
  }

  @Test
  void pageOfPipelines_showsTheExampleAsItIs() throws Exception {
    String page = Files.readString(Path.of("../docs/reference/pipelines.md"));
    assertThat(page).contains(Files.readString(DECLARED));
  }
}
