package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.testkit.Shared;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What the forms of weights cost in quality, on a model that has learned its text. */
class QuantizedFormsTest {
  private static final double FLOAT = 3.32936;

  private static double loss(WeightForm form) throws IOException {
    Model plain = HuggingFace.read(Shared.path("fixtures/text/shakespeare-llama")).model();
    double loss = ValidationLoss.of(plain, form);
    return loss;
  }

  @Test
  void float32_isTheReferencesLoss() throws IOException {
    assertThat(loss(WeightForm.FLOAT32)).isCloseTo(FLOAT, within(1e-4));
  }

  @Test
  void eightBits_loseLessThanOnePercent() throws IOException {
    assertThat(loss(WeightForm.INT8)).isLessThan(FLOAT * 1.01);
    assertThat(loss(WeightForm.W8A8)).isLessThan(FLOAT * 1.01);
  }

  @Test
  void fourBits_loseLessThanFivePercent() throws IOException {
    assertThat(loss(WeightForm.INT4_BLOCK32)).isLessThan(FLOAT * 1.05);
    assertThat(loss(WeightForm.INT4_BLOCK128)).isLessThan(FLOAT * 1.05);
  }
}
