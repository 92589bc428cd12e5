package dev.lathe.train.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class GenerationConfigTest {
  @Test
  void text_givesTheSameAgain() {
    GenerationConfig config = GenerationConfig.of(48);
    assertThat(config.json()).contains("\"eos_token_id\" : 2");
    assertThat(GenerationConfig.parse(config.json())).isEqualTo(config);
  }

  @Test
  void whatIsMissing_isNamed() {
    assertThatThrownBy(() -> GenerationConfig.parse("{\"decoder_start_token_id\": 1}"))
        .hasMessageContaining("generation_config.json: eos_token_id")
        .hasMessageContaining("expected: 0 or more");
    assertThatThrownBy(() -> GenerationConfig.parse("[")).hasMessageContaining("not JSON");
  }
}
