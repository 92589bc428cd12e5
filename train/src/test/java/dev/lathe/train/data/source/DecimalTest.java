package dev.lathe.train.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.data.Dice;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DecimalTest {
  private static float parse(String text) {
    byte[] ascii = (" " + text + "7").getBytes(StandardCharsets.US_ASCII);
    return new Decimal().parse(ascii, 1, ascii.length - 1);
  }

  private static void isAsTheJdkReads(String text) {
    assertThat(Float.floatToRawIntBits(parse(text)))
        .as(text)
        .isEqualTo(Float.floatToRawIntBits(Float.parseFloat(text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "-0",
        "-0.0",
        "1",
        "-1.",
        ".5",
        "-.5",
        "16777217",
        "16777219",
        "1e5",
        "1E-5",
        "-2.5e+3",
        "0e99",
        "1e-46",
        "3.5e38",
        "0.12345678901234567",
        "123456789012345678901234567890e-20",
        "1e0000001",
        "9007199254740993",
        "0.000000000000000000000001",
        "340282356779733661637539395458142568447",
        "00012.50",
        "+3",
        "1.00000005960464477539062",
        "0.0000000000000000000000000000000000000117549435"
      })
  void edges_areAsTheJdkReadsThem(String text) {
    isAsTheJdkReads(text);
  }

  @Test
  void decimalsOfAnyLength_areAsTheJdkReadsThem() {
    Dice dice = new Dice(4);
    for (int i = 0; i < 200_000; i++) {
      long digits = dice.next() >>> 1 + dice.below(62);
      String text = new BigDecimal(BigInteger.valueOf(digits), dice.below(25)).toPlainString();
      isAsTheJdkReads(dice.below(2) == 0 ? text : "-" + text);
      isAsTheJdkReads(text + "e" + (dice.below(60) - 30));
      isAsTheJdkReads(Double.toString(dice.normal()));
    }
  }

  @Test
  void middlesBetweenTwoFloats_areAsTheJdkReadsThem() {
    Dice dice = new Dice(5);
    for (int i = 0; i < 50_000; i++) {
      float low = Float.intBitsToFloat(0x3f000000 + dice.below(0x0a000000));
      BigDecimal middle =
          new BigDecimal(low).add(new BigDecimal(Math.nextUp(low))).divide(BigDecimal.TWO);
      isAsTheJdkReads(middle.toPlainString());
      isAsTheJdkReads(middle.round(new MathContext(15)).toPlainString());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "-", ".", "-.", "1.2.3", "--1", "1-", "12a", " ", "1e", "e5", "1e+", "1f", "0x1p3",
        "NaN"
      })
  void whatIsNoNumber_isRefused(String text) {
    assertThat(parse(text)).isNaN();
  }
}
