package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The steps on the page of pipelines are those of the table. */
class PipelinesPageTest {
  private static final String MARK = "<!-- steps -->\n";
  private static final Map<StepKind, String> TENSORS =
      Map.of(
          StepKind.MODEL, "Runs a model; takes and gives what the model does.",
          StepKind.IMAGE,
              "PNG or JPEG files, BYTES [N], to numbers [N, C, H, W] or [N, H, W, C]; 0 to 255 before"
                  + " `scale`, `mean` and `std`. Resized with antialias, as training does.",
          StepKind.TOKENIZER,
              "Texts, BYTES [N], to tokens [N, L] by a `tokenizer.json` of Hugging Face's form.",
          StepKind.LABELS,
              "The best classes of scores FP32 [N, K], the best first: three tensors [N, top].",
          StepKind.THRESHOLD, "FP32 of any shape to BOOL of the same.",
          StepKind.SOFTMAX, "FP32 of any shape, along its last axis.",
          StepKind.SIGMOID, "FP32 of any shape, each by itself.",
          StepKind.CONCAT, "A list of tensors FP32 that differ in one axis only.",
          StepKind.AVERAGE, "A list of tensors FP32 of one shape.",
          StepKind.RESHAPE, "Any tensor; the first axis stays.");

  private static Path page() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
    }
    return (folder == null ? Path.of("") : folder).resolve("docs/reference/pipelines.md");
  }

  private static String steps() {
    StringBuilder text = new StringBuilder();
    for (StepKind kind : StepKind.values()) {
      text.append("\n### ")
          .append(kind.key())
          .append("\n\n")
          .append(TENSORS.get(kind))
          .append('\n');
      if (!kind.outputs().isEmpty()) {
        text.append("Takes ").append(kind.takesList() ? "a list" : code(kind.inputs()));
        text.append("; gives ").append(code(kind.outputs())).append(".\n");
      }
      for (StepKey key : kind.keys()) {
        text.append("\n- `").append(key.name()).append("`: ").append(key.meaning());
        text.append("; ").append(key.form().words());
        boolean unset = key.standard().equals("") || key.standard().equals(List.of());
        text.append(unset ? "" : "; `" + key.standard() + "` if absent").append('.');
      }
      text.append(kind.keys().isEmpty() ? "" : "\n");
    }
    return text.toString();
  }

  private static String code(List<String> names) {
    return "`" + String.join("`, `", names) + "`";
  }

  @Test
  void page_saysWhatTheTableSays() throws IOException {
    String before = Files.readString(page());
    String expected = before.substring(0, before.indexOf(MARK) + MARK.length()) + steps();
    if (Boolean.getBoolean("docs.fix")) {
      Files.writeString(page(), expected);
    }
    assertThat(Files.readString(page()))
        .as("run: mvn -pl registry -am test -Dtest=PipelinesPageTest -Ddocs.fix=true")
        .isEqualTo(expected);
  }
}
