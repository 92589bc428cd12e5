package dev.lathe.cli.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Serving;
import dev.lathe.registry.Signature;
import dev.lathe.server.ServerError;
import dev.lathe.server.VersionDetails.Port;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  private static Sweep.Tried tried(int rows, double rowsPerSecond, double p99, long failures) {
    return new Sweep.Tried(
        new Setting(rows, 1, 1), new Measured(16, 100, failures, rowsPerSecond, 1, 2, p99));
  }

  @Test
  void best_isTheFastestWithinTheLimit_andOfEqualsTheSoonest() {
    List<Sweep.Tried> all =
        List.of(
            tried(1, 500, 10, 0),
            tried(4, 1000, 40, 0),
            tried(16, 980, 20, 0),
            tried(32, 5000, 5, 1),
            tried(64, 2000, 90, 0));
    Load load = new Load(Duration.ZERO, Duration.ofMillis(1));
    assertThat(new Sweep(load, 16, Double.POSITIVE_INFINITY).best(all)).contains(all.get(4));
    assertThat(new Sweep(load, 16, 50).best(all)).contains(all.get(2));
    assertThat(new Sweep(load, 16, 15).best(all)).contains(all.get(0));
    assertThat(new Sweep(load, 16, 1).best(all)).isEmpty();
  }

  @Test
  void bestSetting_isWrittenWhereTheVersionIsLive_andNowhereElse(@TempDir Path folder) {
    GraphBuilder graph = new GraphBuilder("same");
    String x = graph.input("x", ElementType.FLOAT, Shape.batchOf(2));
    graph.append(Node.of("Identity", List.of(x), List.of("y")));
    graph.output("y", ElementType.FLOAT, Shape.batchOf(2));
    Model model = Model.of(graph.build());
    Metadata metadata = new Metadata("", List.of(), Signature.of(model), Metadata.NONE.lineage());
    ModelName name = ModelName.parse("demo/same");
    try (Registry registry = Registry.open(folder)) {
      Content bytes = Content.of(OnnxFile.toBytes(model));
      registry.publish(name, Release.of(bytes, metadata, "One"));
      registry.publish(name, Release.of(bytes, metadata, "Two"));
      registry.deploy(name, "v2", "prod");
      Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(new float[2], 1, 2));
      Sweep sweep = new Sweep(new Load(Duration.ZERO, Duration.ofMillis(5)), 2, 1e9);
      Subject second = new Subject("demo/same", "v2", inputs);
      List<Setting> settings = List.of(new Setting(1, 1, 1), new Setting(8, 1, 2));
      List<Setting> heard = new ArrayList<>();
      List<Sweep.Tried> all =
          sweep.run(registry, second, settings, tried -> heard.add(tried.setting()));
      assertThat(heard.subList(0, 4))
          .as("in turn")
          .containsExactly(settings.get(0), settings.get(1), settings.get(0), settings.get(1));
      assertThat(all).hasSize(2).allMatch(tried -> tried.measured().failures() == 0);
      Sweep.write(registry, second, "prod", settings.getLast());
      Serving serving =
          registry.deployment(name, "prod").orElseThrow().plan().serving().orElseThrow();
      assertThat(serving.maxBatchRows()).contains(8);
      assertThat(serving.instances()).contains(1);
      assertThat(serving.threads()).contains(2);
      Subject first = new Subject("demo/same", "v1", inputs);
      assertThatThrownBy(() -> Sweep.write(registry, first, "prod", settings.getFirst()))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("v2 is live (expected: v1");
      assertThatThrownBy(() -> Sweep.write(registry, second, "none", settings.getFirst()))
          .hasMessageContaining("nothing is live");
    }
  }

  @Test
  void settings_goUpToTheMachine() {
    assertThat(Setting.forMachine(6))
        .contains(new Setting(1, 1, 1), new Setting(64, 4, 1), new Setting(16, 6, 1))
        .contains(new Setting(1, 1, 4), new Setting(4, 3, 2), new Setting(64, 1, 6))
        .doesNotHaveDuplicates()
        .allMatch(setting -> setting.instances() * setting.threads() <= 6);
    assertThat(Setting.forMachine(1))
        .hasSize(4)
        .allMatch(one -> one.instances() * one.threads() == 1);
  }

  @Test
  void quantiles_areOfTheNearestRank() {
    long[] nanos = new long[200];
    for (int i = 0; i < 200; i++) {
      nanos[i] = (200 - i) * 1000L;
    }
    Measured measured = Measured.of(3, nanos, 2, 1e-6);
    assertThat(measured).isEqualTo(new Measured(3, 200, 2, 1e-6 * 1e9, 100, 180, 198));
  }

  @Test
  void middle_isTheOneBetween_withAllFailures() {
    List<Measured> all =
        List.of(
            new Measured(2, 10, 1, 500, 1, 2, 3),
            new Measured(2, 30, 0, 900, 4, 5, 6),
            new Measured(2, 20, 2, 700, 7, 8, 9));
    assertThat(Measured.middle(all)).isEqualTo(new Measured(2, 20, 3, 700, 7, 8, 9));
    assertThat(Measured.middle(all.subList(0, 2)).rowsPerSecond()).isEqualTo(500);
  }

  @Test
  void failures_areCountedAndDoNotEndTheLoad() {
    AtomicInteger asked = new AtomicInteger();
    Target target =
        new Target() {
          @Override
          public void ask() {
            if (asked.incrementAndGet() % 3 == 0) {
              throw new LatheException(ServerError.BAD_ANSWER, "no");
            }
          }

          @Override
          public int rows() {
            return 2;
          }

          @Override
          public void close() {}
        };
    Measured measured = new Load(Duration.ZERO, Duration.ofSeconds(1)).run(target, 4);
    assertThat(measured.requests()).isPositive();
    assertThat(measured.failures()).isBetween(1L, measured.requests());
    assertThat(measured.rowsPerSecond()).isGreaterThan(measured.requests());
    assertThat(measured.p50Micros()).isLessThanOrEqualTo(measured.p99Micros());
  }

  @Test
  void question_fitsTheSignature_andIsTheProtocolsJson() {
    Map<String, Tensor> inputs =
        Subject.inputs(
            List.of(
                new Port("x", "FP32", List.of(-1L, 2L)),
                new Port("ids", "INT64", List.of(-1L, -1L)),
                new Port("text", "BYTES", List.of(1L))),
            3);
    assertThat(inputs.get("x").dims()).containsExactly(3, 2);
    assertThat(inputs.get("ids").dims()).containsExactly(3, 1);
    assertThat(inputs.get("text").type()).isEqualTo(ElementType.STRING);
    assertThat(Subject.inputs(List.of(new Port("x", "FP32", List.of(-1L, 2L))), 3).get("x"))
        .extracting(Tensor::toFloats)
        .isEqualTo(inputs.get("x").toFloats());
    assertThat(OpenInference.request(Map.of("ids", inputs.get("ids"))))
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"ids\",\"shape\":[3,1],\"datatype\":\"INT64\","
                + "\"data\":[0,0,0]}]}");
  }
}
