package dev.lathe.generate.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.generate.TextStream;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.generate.engine.Simulation.Seen;
import dev.lathe.ir.LatheException;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What goes wrong in one request's own code is its own; what goes wrong elsewhere ends all. */
@Timeout(60)
class EngineFailureTest {
  private static final int[] PROMPT = {5, 6, 7};

  private static GenerateRequest request(int tokens) {
    return GenerateRequest.of(PROMPT, Ending.after(tokens).ignoringEndTokens());
  }

  private static Engine engine(Function<GenerateRequest, Voice> voice) {
    return new Engine(
        new FakeDecoder(400, List.of(new Arena(4, 400))),
        new Engine.Setting("test-engine", 16, 0, 100, new Ends(Simulation.ENDS, List.of())),
        voice);
  }

  /** A constraint that allows everything at first, and then throws. */
  private static TokenConstraint broken(Supplier<TokenConstraint> after) {
    return new TokenConstraint() {
      @Override
      public long[] allowed() {
        return new long[] {-1L};
      }

      @Override
      public TokenConstraint after(int token) {
        return after.get();
      }

      @Override
      public int[] forced() {
        return new int[0];
      }

      @Override
      public boolean mayEnd() {
        return false;
      }

      @Override
      public boolean finished() {
        return false;
      }
    };
  }

  private static TokenConstraint endless() {
    return endless();
  }

  @Test
  void whateverAConstraintThrows_failsItsRequestOnly() {
    List<Supplier<TokenConstraint>> all =
        List.of(
            () -> {
              throw new NoSuchElementException("none");
            },
            () -> {
              throw new NullPointerException("null");
            },
            EngineFailureTest::endless);
    try (Engine engine = engine(request -> new Simulation.Letters())) {
      for (Supplier<TokenConstraint> one : all) {
        TextStream other = engine.submit(request(50));
        Seen seen = Simulation.read(engine.submit(request(50).with(broken(one))), 1);
        assertThat(seen.failure.orElseThrow().code()).isEqualTo(GenerateError.FAILED);
        assertThat(Simulation.read(other, 1).only()).hasSize(50);
      }
      assertThat(engine.failed()).isFalse();
    }
  }

  @Test
  void textThatCannotBegin_failsItsRequestOnly() {
    Function<GenerateRequest, Voice> voice =
        request -> {
          if (request.ending().maxTokens() == 7) {
            throw new NoSuchElementException("no voice");
          }
          return new Simulation.Letters();
        };
    try (Engine engine = engine(voice)) {
      Seen seen = Simulation.read(engine.submit(request(7)), 1);
      assertThat(seen.failure.orElseThrow().code()).isEqualTo(GenerateError.FAILED);
      assertThat(Simulation.read(engine.submit(request(8)), 1).only()).hasSize(8);
    }
  }

  @Test
  void engineThatFails_failsAllAndTellsSo() {
    Function<GenerateRequest, Voice> voice =
        request -> {
          if (request.ending().maxTokens() == 7) {
            throw new OutOfMemoryError("for a test");
          }
          return new Simulation.Letters();
        };
    try (Engine engine = engine(voice)) {
      TextStream other = engine.submit(request(300));
      Seen seen = Simulation.read(engine.submit(request(7)), 1);
      assertThat(seen.failure.orElseThrow().code()).isEqualTo(GenerateError.FAILED);
      Simulation.read(other, 1);
      assertThat(engine.failed()).isTrue();
      assertThatThrownBy(() -> engine.submit(request(1))).isInstanceOf(LatheException.class);
    }
  }
}
