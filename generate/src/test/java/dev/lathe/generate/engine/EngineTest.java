package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.Caller;
import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Sampling;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.generate.TextStream;
import dev.lathe.generate.engine.Simulation.Seen;
import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The engine's thread over a real cache: a small Llama of random weights. */
class EngineTest {
  private static SmallLlama llama;

  @BeforeAll
  static void open() {
    llama = new SmallLlama();
  }

  @AfterAll
  static void close() {
    llama.close();
  }

  private static GenerateRequest request(Random random, int length, int tokens) {
    int[] prompt =
        IntStream.range(0, length).map(i -> random.nextInt(3, SmallLlama.VOCABULARY)).toArray();
    GenerateRequest request = GenerateRequest.of(prompt, Ending.after(tokens).ignoringEndTokens());
    return random.nextBoolean()
        ? request
        : request.with(Sampling.PLAIN.withTopP(0.95).withSeed(random.nextLong()));
  }

  @Test
  void answers_areThoseOfThePlainFormWhateverElseRuns() {
    Random random = new Random(1);
    List<GenerateRequest> requests = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      requests.add(request(random, random.nextInt(1, 60), 40));
    }
    List<List<Integer>> plain = requests.stream().map(llama::plain).toList();
    for (int mixed : new int[] {1, 2, 5, 16}) {
      for (int draft : new int[] {0, 4}) {
        try (Engine engine =
            llama.engine(List.of(new Arena(mixed, SmallLlama.CONTEXT)), 24, draft)) {
          List<TextStream> streams =
              requests.subList(0, mixed).stream().map(engine::submit).toList();
          for (int i = 0; i < mixed; i++) {
            assertThat(Simulation.read(streams.get(i), 1).only())
                .as("%d of %d", i, mixed)
                .isEqualTo(plain.get(i));
          }
        }
      }
    }
  }

  @Test
  void arenasPrefixesAndExchanges_keepAnswers() {
    Random random = new Random(2);
    List<Arena> arenas = List.of(new Arena(3, 50), new Arena(2, SmallLlama.CONTEXT));
    Map<TextStream, GenerateRequest> streams = new LinkedHashMap<>();
    try (Engine engine = llama.engine(arenas, 16, 3)) {
      GenerateRequest head = request(random, 30, 60);
      for (int i = 0; i < 24; i++) {
        GenerateRequest one =
            i % 3 == 0 ? head : request(random, random.nextInt(1, 50), random.nextInt(1, 90));
        streams.put(engine.submit(one), one);
      }
      streams.forEach(
          (stream, request) ->
              assertThat(Simulation.read(stream, 1).only()).isEqualTo(llama.plain(request)));
      assertThat(engine.statistics().totals().cachedTokens()).isPositive();
      requireIdle(engine);
    }
  }

  @Test
  void storm_ofArrivalsAndDisconnectsLeavesNothing() throws InterruptedException {
    try (Engine engine =
        llama.engine(List.of(new Arena(4, 60), new Arena(4, SmallLlama.CONTEXT)), 16, 4)) {
      List<Thread> readers = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        Random random = new Random(t);
        readers.add(Thread.ofVirtual().start(() -> read(engine, random)));
      }
      for (Thread reader : readers) {
        reader.join();
      }
      try (TextStream last = engine.submit(request(new Random(9), 5, 1))) {
        Simulation.read(last, 1);
      }
      requireIdle(engine);
      var totals = engine.statistics().totals();
      assertThat(totals.requests()).isEqualTo(totals.finished() + totals.failed());
      assertThat(totals.failed()).isPositive();
    }
  }

  /** The figures are those of the last complete step: readers may be ahead of them by one. */
  private static void requireIdle(Engine engine) {
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (engine.statistics().running() + engine.statistics().waiting() > 0
        && System.nanoTime() < end) {
      Thread.yield();
    }
    assertThat(engine.statistics().running()).isZero();
    assertThat(engine.statistics().waiting()).isZero();
  }

  private static void read(Engine engine, Random random) {
    for (int i = 0; i < 25; i++) {
      GenerateRequest request =
          request(random, random.nextInt(1, 90), random.nextInt(1, 60))
              .with(Caller.of("t" + random.nextInt(3)).withPriority(random.nextInt(1, 10)));
      try (TextStream stream = engine.submit(request)) {
        int patience = random.nextInt(80);
        for (int seen = 0; seen < patience && stream.next().isPresent(); seen++) {
          // what is read matters elsewhere
        }
      }
    }
  }

  @Test
  void fullQueue_isRefusedWithTimeToWait() {
    SessionDecoder decoder = llama.decoder(List.of(new Arena(1, SmallLlama.CONTEXT)), 16);
    try (Engine engine =
        new Engine(
            decoder,
            new Engine.Setting("test-engine", 16, 0, 2, new Ends(Simulation.ENDS, List.of())),
            request -> new Simulation.Letters())) {
      Random random = new Random(4);
      List<TextStream> taken = new ArrayList<>();
      LatheException refused = null;
      for (int i = 0; i < 10 && refused == null; i++) {
        try {
          taken.add(engine.submit(request(random, 100, 60)));
        } catch (LatheException e) {
          refused = e;
        }
      }
      assertThat(refused).isNotNull();
      assertThat(refused.code()).isEqualTo(GenerateError.QUEUE_FULL);
      assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(60));
      taken.forEach(TextStream::cancel);
    }
  }

  @Test
  void stopsOfTheModel_endAnswersBesideAsManyOfTheRequestAsItMayHave() {
    Ending ending = Ending.after(30);
    GenerateRequest asked = GenerateRequest.of(new int[] {5, 9, 40}, ending.ignoringEndTokens());
    List<Integer> plain = llama.plain(asked);
    String stop = letter(plain.get(4));
    int end =
        IntStream.range(0, 30)
            .filter(i -> letter(plain.get(i)).equals(stop))
            .findFirst()
            .orElseThrow();
    List<String> own = IntStream.range(0, 64).mapToObj(i -> "no such text " + i).toList();
    Ending heeding = ending.withStops(own);
    SessionDecoder decoder = llama.decoder(List.of(new Arena(1, SmallLlama.CONTEXT)), 16);
    try (Engine engine =
        new Engine(
            decoder,
            new Engine.Setting("test-engine", 16, 0, 2, new Ends(Set.of(), List.of(stop))),
            request -> new Simulation.Letters())) {
      assertThat(Simulation.read(engine.submit(asked.with(heeding)), 1).only())
          .isEqualTo(plain.subList(0, end + 1));
      assertThat(Simulation.read(engine.submit(asked.with(heeding.ignoringEndTokens())), 1).only())
          .isEqualTo(plain);
    }
  }

  private static String letter(int token) {
    return new Simulation.Letters().push(token);
  }

  @Test
  void whatCanNeverBeAnswered_isRefused() {
    try (Engine engine = llama.engine(List.of(new Arena(2, 50)), 16, 0)) {
      Random random = new Random(5);
      assertThatThrownBy(() -> engine.submit(request(random, 50, 1)))
          .isInstanceOfSatisfying(
              LatheException.class,
              e -> assertThat(e.code()).isEqualTo(GenerateError.PROMPT_TOO_LONG))
          .hasMessageContaining("50 tokens (expected: at most 49");
      assertThatThrownBy(() -> engine.submit(GenerateRequest.of(new int[] {96}, Ending.after(1))))
          .hasMessage("prompt: token 0: 96 (expected: 0 to 95)");
      Seen longest = Simulation.read(engine.submit(request(random, 49, 100)), 1);
      assertThat(longest.only()).hasSize(1);
    }
  }

  @Test
  void closing_failsWhatRuns() {
    Engine engine = llama.engine(List.of(new Arena(1, SmallLlama.CONTEXT)), 1, 0);
    TextStream runs = engine.submit(request(new Random(6), 150, 8));
    TextStream waits = engine.submit(request(new Random(7), 150, 8));
    engine.close();
    assertThat(Simulation.read(waits, 1).failure.orElseThrow().code())
        .isEqualTo(GenerateError.CLOSED);
    Simulation.read(runs, 1);
    assertThatThrownBy(() -> engine.submit(request(new Random(8), 3, 1)))
        .hasMessage("the model is being closed");
  }
}
