package dev.lathe.train.curves;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import dev.lathe.testkit.Python;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.ofEpochSecond(1_700_000_000L, 250_000_000));

  private static final String READ =
      """
      import sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0})
      events.Reload()
      for tag in sorted(events.Tags()["scalars"]):
        for e in events.Scalars(tag):
          print(tag, e.step, e.value, e.wall_time)
      """;

  @TempDir Path folder;

  /** The bytes that TensorFlow's own writer gives for the same two events. */
  @Test
  void bytes_areThoseOfTheFormat() throws Exception {
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      events.scalars(3, Map.of("loss", 0.5));
      byte[] bytes = Files.readAllBytes(events.file());
      assertThat(HexFormat.of().formatHex(bytes))
          .isEqualTo(
              "1800000000000000a37f4b220900001040fc54d9411a0d627261696e2e4576656e743a32338d2fe9"
                  + "1a00000000000000129bd82d0900001040fc54d94110032a0d0a0b0a046c6f7373150000003f017aa16c");
      assertThat(events.file().getFileName()).hasToString("events.out.tfevents.1700000000.lathe");
    }
  }

  @Test
  void tensorBoard_readsNamesStepsValuesAndTimes() {
    String python = Python.with("tensorboard");
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("loss/train", 0.25);
    values.put("Genauigkeit ä", -3.5);
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      events.scalars(1, values);
      events.scalars(300_000_000_000L, Map.of("loss/train", Double.NaN));
    }
    assertThat(Python.run(python, READ, folder).lines())
        .containsExactly(
            "Genauigkeit ä 1 -3.5 1700000000.25",
            "loss/train 1 0.25 1700000000.25",
            "loss/train 300000000000 nan 1700000000.25");
  }

  @Test
  void resume_beginsANewFileAndForgetsLaterSteps() {
    String python = Python.with("tensorboard");
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      for (int step = 1; step <= 4; step++) {
        events.scalars(step, Map.of("loss", (double) step));
      }
    }
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      assertThat(events.file().getFileName()).hasToString("events.out.tfevents.1700000001.lathe");
      events.resume(3);
      events.scalars(3, Map.of("loss", 30.0));
    }
    assertThat(Python.run(python, READ, folder).lines().filter(line -> line.startsWith("loss ")))
        .containsExactly(
            "loss 1 1.0 1700000000.25", "loss 2 2.0 1700000000.25", "loss 3 30.0 1700000000.25");
  }

  @Test
  void tornLastRecord_leavesTheOthersReadable() throws Exception {
    String python = Python.with("tensorboard");
    Path file;
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      events.scalars(1, Map.of("loss", 1.0));
      events.scalars(2, Map.of("loss", 2.0));
      file = events.file();
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
    assertThat(Python.run(python, READ, folder).lines())
        .containsExactly("loss 1 1.0 1700000000.25");
  }

  @Test
  void namesAreBounded_andAFolderMustBeWritable() throws Exception {
    try (EventFile events = EventFile.create(folder, CLOCK)) {
      assertThatThrownBy(() -> events.scalars(1, Map.of("a".repeat(1_025), 1.0)))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("1025 characters (expected: 1 to 1,024)");
      assertThatThrownBy(() -> events.scalars(1, Map.of("", 1.0)))
          .hasMessageContaining("0 characters");
    }
    Path file = Files.createFile(folder.resolve("taken"));
    assertThatThrownBy(() -> EventFile.create(file, CLOCK))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("taken: no event file can be made");
  }
}
