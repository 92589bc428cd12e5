package dev.lathe.server.openai;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.Ending;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.Probabilities;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScoreLimitTest {
  private static final int[] PROMPT = new int[4000];

  private static GenerateRequest asked(Probabilities probabilities, int tokens) {
    return GenerateRequest.of(PROMPT, Ending.after(tokens)).with(probabilities);
  }

  @Test
  void probabilitiesOfManyAnswersToALongPrompt_areRefused() {
    GenerateRequest request = asked(Probabilities.ofAnswer(20).withPrompt(20), 0);
    ScoreLimit.require(List.of(PROMPT), request, 4096);
    assertThatThrownBy(() -> ScoreLimit.require(List.of(PROMPT), request.withChoices(128), 4096))
        .hasMessageContaining("logprobs")
        .hasMessageContaining("up to 10752000 probabilities");
  }

  @Test
  void tokensOfAnAnswer_countAsFarAsTheyHaveRoom() {
    GenerateRequest request = asked(Probabilities.ofAnswer(20), Integer.MAX_VALUE);
    assertThatCode(() -> ScoreLimit.require(List.of(PROMPT), request, 4096))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> ScoreLimit.require(List.of(PROMPT), request, 1 << 20))
        .hasMessageContaining("probabilities");
  }

  @Test
  void withoutProbabilities_thereIsNoLimit() {
    GenerateRequest request = asked(Probabilities.NONE, Integer.MAX_VALUE).withChoices(128);
    assertThatCode(() -> ScoreLimit.require(List.of(PROMPT), request, 1 << 20))
        .doesNotThrowAnyException();
  }
}
