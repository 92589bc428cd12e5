package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.train.CancelToken;
import dev.lathe.train.TrainError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionFileTest {
  @TempDir private Path folder;

  private Path file(String context, int start) throws IOException {
    return Files.writeString(
        folder.resolve("questions.jsonl"),
        """
        {"question": "Who?", "context": "%s", \
        "answers": {"text": ["Ada"], "answer_start": [%d]}}
        """
            .formatted(context, start));
  }

  @Test
  void placesBeyondTheText_areRefused_howeverLarge() throws IOException {
    assertThat(QuestionFile.read(file("It was Ada", 7), new CancelToken()).asked()).hasSize(1);
    for (int start : new int[] {8, Integer.MAX_VALUE, Integer.MAX_VALUE - 2, -1}) {
      Path file = file("It was Ada", start);
      assertThatThrownBy(() -> QuestionFile.read(file, new CancelToken()))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("line 1: at " + start + " of the context stands nothing");
    }
  }

  @Test
  void longLine_isRefused() throws IOException {
    Path file = file("x".repeat(8 << 20), 0);
    assertThatThrownBy(() -> QuestionFile.read(file, new CancelToken()))
        .hasMessageContaining("line 1: more than 8388608 characters");
  }

  @Test
  void nobodyWhoWantsIt_endsIt() throws IOException {
    Path file = file("It was Ada", 7);
    CancelToken cancel = new CancelToken();
    cancel.cancel();
    assertThatThrownBy(() -> QuestionFile.read(file, cancel))
        .hasMessage("reading the data was stopped")
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(TrainError.CANCELLED);
  }
}
