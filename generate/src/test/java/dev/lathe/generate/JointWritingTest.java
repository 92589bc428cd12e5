package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Model;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Shared;
import dev.lathe.zoo.EncoderDecoder;
import dev.lathe.zoo.HuggingFace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same target alone and beside any others, in single precision. */
@Timeout(120)
class JointWritingTest {
  private static final String SETTINGS =
      "{\"decoder_start_token_id\": 0, \"eos_token_id\": 1, \"pad_token_id\": 0,"
          + " \"max_length\": 40}";

  /** One order: sources of other lengths, beams and longest lengths than others have. */
  private record Order(List<long[]> sources, WritingRules rules) {
    static Order drawn(SplittableRandom random, WritingRules usual) {
      List<long[]> sources = new ArrayList<>();
      for (int i = 0; i <= random.nextInt(3); i++) {
        sources.add(random.longs(1 + random.nextInt(30), 2, 500).toArray());
      }
      WritingRules rules = usual.withBeams(random.nextBoolean() ? 1 : 2 + random.nextInt(4));
      return new Order(sources, rules.withLongest(2 + random.nextInt(38)));
    }

    List<List<int[]>> write(SequenceModel model) {
      return model.write(sources, rules).stream()
          .map(found -> found.stream().map(Hypothesis::tokens).toList())
          .toList();
    }
  }

  private static void assertSameInMixes(Model plain) throws Exception {
    WritingRules usual = WritingRules.parse(Map.of(WritingRules.FILE, SETTINGS));
    SplittableRandom random = new SplittableRandom(11);
    List<Order> orders = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      orders.add(Order.drawn(random, usual));
    }
    try (SequenceModel model = SequenceModel.open(plain, usual, SessionOptions.defaults());
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<List<List<int[]>>> alone = orders.stream().map(order -> order.write(model)).toList();
      for (int mix : new int[] {2, 3, 5, 9, 16}) {
        List<Future<List<List<int[]>>>> together = new ArrayList<>();
        for (Order order : orders.subList(0, mix)) {
          together.add(callers.submit(() -> order.write(model)));
          LockSupport.parkNanos(1000L * random.nextInt(3000)); // some find others under way
        }
        for (int i = 0; i < mix; i++) {
          assertThat(together.get(i).get())
              .as("order " + i + " of " + mix)
              .usingRecursiveComparison()
              .isEqualTo(alone.get(i));
        }
      }
    }
  }

  @Test
  void trainedHere() throws Exception {
    assertSameInMixes(new EncoderDecoder(500, 48, 32, 2, 4, 48, 0).build(1));
  }

  @Test
  void withoutACache() throws Exception {
    assertSameInMixes(new EncoderDecoder(500, 48, 36, 1, 3, 48, 0).build(2));
  }

  @ParameterizedTest
  @ValueSource(strings = {"t5", "marian"})
  void imported(String name) throws Exception {
    assertSameInMixes(HuggingFace.read(Shared.path("fixtures/hf/" + name)).model());
  }
}
