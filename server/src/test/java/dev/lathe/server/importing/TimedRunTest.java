package dev.lathe.server.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.server.ServerError;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimedRunTest {
  private static final int SIZE = 256;
  private static final Map<String, Tensor> ROWS =
      Map.of("x", Tensor.zeros(ElementType.FLOAT, SIZE, SIZE));

  /** Takes the engine a good part of a second. */
  private static Model slow() {
    GraphBuilder builder = new GraphBuilder("slow");
    builder.input("x", ElementType.FLOAT, Shape.batchOf(SIZE));
    String value = "x";
    for (int i = 0; i < 400; i++) {
      String w = builder.initializer("w", Tensor.zeros(ElementType.FLOAT, SIZE, SIZE));
      value = builder.add("MatMul", value, w);
    }
    builder.append(Node.of("Identity", List.of(value), List.of("y")));
    builder.output("y", ElementType.FLOAT, Shape.batchOf(SIZE));
    return Model.of(builder.build());
  }

  @Test
  void runThatTakesTooLong_isEndedAndRefused() {
    try (Session session = Session.open(slow(), SessionOptions.defaults())) {
      assertThat(new TimedRun(Duration.ofMinutes(1)).of(session, ROWS)).containsOnlyKeys("y");
      assertThatThrownBy(() -> new TimedRun(Duration.ofMillis(1)).of(session, ROWS))
          .isInstanceOfSatisfying(
              LatheException.class, e -> assertThat(e.code()).isEqualTo(ServerError.BAD_SOURCE))
          .hasMessageContaining("did not answer in time (expected: within 1 ms");
    }
  }
}
