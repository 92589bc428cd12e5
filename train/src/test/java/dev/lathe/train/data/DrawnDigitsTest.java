package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.Dataset;
import dev.lathe.train.data.DrawnDigits.Part;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DrawnDigitsTest {
  /** Taken once; the same on every machine and for every Java version. */
  private static final String DIGEST_OF_500 =
      "c11299f6047efaedd70ac3257a5f199c54ab22cc6727c3cfe9f0f5d468124d9e";

  @Test
  void sameSeed_givesTheSameDigitsEverywhere() {
    assertThat(DrawnDigits.draw(Part.TRAIN, 500, 3).sha256()).isEqualTo(DIGEST_OF_500);
  }

  @Test
  void moreDrawings_beginWithTheSameOnes() {
    Dataset few = DrawnDigits.draw(Part.TRAIN, 70, 5);
    Dataset many = DrawnDigits.draw(Part.TRAIN, 130, 5);
    assertThat(many.x().data().asSlice(0, few.x().byteSize()).mismatch(few.x().data()))
        .isEqualTo(-1);
  }

  @Test
  void anotherSeedOrPart_givesOthers() {
    Dataset train = DrawnDigits.draw(Part.TRAIN, 50, 5);
    assertThat(DrawnDigits.draw(Part.TEST, 50, 5).sha256()).isNotEqualTo(train.sha256());
    assertThat(DrawnDigits.draw(Part.TRAIN, 50, 6).sha256()).isNotEqualTo(train.sha256());
  }

  @Test
  void drawings_areGreyInkOnMostlyEmptyPages() {
    Dataset data = DrawnDigits.draw(Part.TEST, 400, 1);
    Set<Long> digits = new HashSet<>();
    for (int n = 0; n < data.size(); n++) {
      int inked = 0;
      for (int i = 0; i < 784; i++) {
        double grey = data.x().doubleAt(n * 784L + i);
        assertThat(grey).isBetween(0.0, 255.0).isEqualTo(Math.rint(grey));
        inked += grey > 100 ? 1 : 0;
      }
      assertThat(inked).as("drawing " + n).isBetween(15, 350);
      digits.add(data.y().longAt(n));
    }
    assertThat(digits).hasSize(10);
  }
}
