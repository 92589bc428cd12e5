package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.LatheException;
import dev.lathe.serve.ServeError;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ErrorMappingTest {
  @Test
  void knownWait_isRoundedUpToSeconds() {
    Duration wait = Duration.ofMillis(2_100);
    ErrorMapping.Answer answer =
        ErrorMapping.answer(new LatheException(ServeError.QUEUE_FULL, "full", wait));
    assertThat(answer).isEqualTo(new ErrorMapping.Answer(429, "full", 3));
  }

  @Test
  void unknownWait_isASecondWhereTryingAgainHelps() {
    assertThat(ErrorMapping.answer(new LatheException(ServeError.CLOSED, "x")).retrySeconds())
        .isEqualTo(1);
    assertThat(ErrorMapping.answer(new LatheException(ServeError.BAD_INPUT, "x")).retrySeconds())
        .isZero();
  }
}
