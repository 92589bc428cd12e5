package dev.lathe.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.ModelName;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.OperationConfig;
import io.opentelemetry.api.trace.Span;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SpansTest {
  private static final ModelVersion MODEL = new ModelVersion(ModelName.parse("demo/m"), "v3");

  @TempDir Path folder;

  @Test
  void requestsOfOneRun_areLinkedToTheOneAnsweredFirst() {
    try (Collector collector = new Collector()) {
      try (Spans spans =
          new Spans(new OperationConfig.Telemetry(collector.address(), 1, Map.of()))) {
        long run = System.nanoTime();
        for (int i = 0; i < 3; i++) {
          Span server = spans.begin(new Arrival("POST", name -> ""));
          long started = i < 2 ? run : run + 1;
          spans.answered(server, MODEL, new InferResponse.Timing(10, 20, 30, 40, 2, 8, started));
          server.end();
        }
      }
      List<Collector.Sent> computes =
          collector.spans().stream().filter(span -> span.name().equals("compute")).toList();
      assertThat(computes).hasSize(3);
      assertThat(computes.get(0).links()).isEmpty();
      assertThat(computes.get(1).links()).containsExactly(computes.get(0).id());
      assertThat(computes.get(2).links()).as("another run").isEmpty();
      assertThat(computes.get(1).attributes()).containsEntry("lathe.run.rows", "8");
      assertThat(computes.get(1).end() - computes.get(1).start()).isEqualTo(90);
    }
  }

  @Test
  void collectorThatIsNotThere_holdsNothingUp() {
    try (Spans spans =
        new Spans(new OperationConfig.Telemetry("http://127.0.0.1:1", 1, Map.of()))) {
      for (int i = 0; i < 10_000; i++) {
        spans.begin(new Arrival("POST", name -> "")).end();
      }
    }
  }

  @Test
  void flightRecording_hasAnEventForEachAnswer() throws Exception {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.lathe.Inference");
      recording.start();
      new Observed("r-7")
          .during(
              () ->
                  InferenceEvent.answered(
                      MODEL, new InferResponse.Timing(10, 20, 30, 40, 2, 8, 1)));
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().equals("dev.lathe.Inference"))
            .toList();
    assertThat(events).hasSize(1);
    assertThat(events.getFirst().getString("model")).isEqualTo("demo/m");
    assertThat(events.getFirst().getString("request")).isEqualTo("r-7");
    assertThat(events.getFirst().getLong("queue")).isEqualTo(10);
    assertThat(events.getFirst().getLong("compute")).isEqualTo(90);
    assertThat(events.getFirst().getLong("rows")).isEqualTo(8);
  }
}
