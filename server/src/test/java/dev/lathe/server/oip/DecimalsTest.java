package dev.lathe.server.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalsTest {
  @Test
  void shortDecimals_areTheNearestDoubleAndFloat() {
    long seed = 5;
    Random random = new Random(seed);
    int read = 0;
    for (int i = 0; i < 200_000; i++) {
      String text = decimal(random);
      double value = read(text);
      if (Double.isNaN(value)) {
        continue;
      }
      read++;
      assertThat(value).as("%s, seed %d", text, seed).isEqualTo(Double.parseDouble(text));
      if (!Decimals.isUnsafeForFloat(value)) {
        assertThat((float) value).as("%s, seed %d", text, seed).isEqualTo(Float.parseFloat(text));
      }
    }
    assertThat(read).isGreaterThan(100_000);
  }

  @Test
  void decimalsBesideTheMiddleOfTwoFloats_areNotRoundedTwice() {
    long seed = 6;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      int whole = (1 << 24) + 1 + 2 * random.nextInt(1 << 22);
      for (String tail : new String[] {"", ".0", ".0000001", ".000001"}) {
        String text = whole + tail;
        double value = read(text);
        if (!Double.isNaN(value) && !Decimals.isUnsafeForFloat(value)) {
          assertThat((float) value).as("%s, seed %d", text, seed).isEqualTo(Float.parseFloat(text));
        }
      }
      assertThat(Decimals.isUnsafeForFloat(read(whole + ".0"))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1e5", "1E-3", "12345678901234567", "0.12345678901234567"})
  void otherForms_areLeftAlone(String text) {
    assertThat(read(text)).isNaN();
  }

  @Test
  void zero_keepsItsSign() {
    assertThat(Double.doubleToRawLongBits(read("-0.0")))
        .isEqualTo(Double.doubleToRawLongBits(-0.0));
    assertThat(Decimals.isUnsafeForFloat(read("-0"))).isFalse();
  }

  private static double read(String text) {
    char[] padded = ("xx" + text + "99").toCharArray();
    return Decimals.toDouble(padded, 2, text.length());
  }

  private static String decimal(Random random) {
    double value =
        switch (random.nextInt(4)) {
          case 0 -> random.nextFloat();
          case 1 -> (random.nextDouble() - 0.5) * 1e6;
          case 2 -> random.nextInt(256);
          default -> random.nextGaussian();
        };
    int digits = random.nextInt(12);
    return new BigDecimal(value).setScale(digits, java.math.RoundingMode.HALF_UP).toPlainString();
  }
}
