package dev.lathe.train.data.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.prepare.ImageShape;
import dev.lathe.train.AugmentRecipe;
import dev.lathe.train.data.Dice;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class AugmentingTest {
  private static final ImageShape SHAPE = new ImageShape(2, 4, 6);

  private static float[] counted() {
    float[] image = new float[SHAPE.size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = i + 1;
    }
    return image;
  }

  private static float[] changed(AugmentRecipe recipe, long seed) {
    float[] image = counted();
    new Augmenting(recipe, SHAPE).apply(image, new Dice(seed));
    return image;
  }

  private static float at(float[] image, int c, int y, int x) {
    return image[(c * 4 + y) * 6 + x];
  }

  @Test
  void flip_swapsLeftAndRight_asOftenAsTold() {
    int flipped = 0;
    for (int seed = 0; seed < 400; seed++) {
      float[] image = changed(new AugmentRecipe(0.25, 0, 0, 0, 0, 0, 0, 0), seed);
      boolean mirror = at(image, 0, 0, 0) == 6;
      flipped += mirror ? 1 : 0;
      assertThat(at(image, 1, 3, 1)).isEqualTo(at(counted(), 1, 3, mirror ? 4 : 1));
    }
    assertThat(flipped).isBetween(70, 130);
  }

  @Test
  void crop_movesByWholePixels_andFillsWithZeros() {
    Set<String> moves = new HashSet<>();
    for (int seed = 0; seed < 300; seed++) {
      float[] image = changed(new AugmentRecipe(0, 1, 0, 0, 0, 0, 0, 0), seed);
      float middle = at(image, 0, 1, 2);
      int from = (int) middle - 1;
      int down = 1 - from / 6;
      int right = 2 - from % 6;
      moves.add(down + "," + right);
      for (int c = 0; c < 2; c++) {
        for (int y = 0; y < 4; y++) {
          for (int x = 0; x < 6; x++) {
            boolean inside = y - down >= 0 && y - down < 4 && x - right >= 0 && x - right < 6;
            assertThat(at(image, c, y, x))
                .isEqualTo(inside ? at(counted(), c, y - down, x - right) : 0);
          }
        }
      }
    }
    assertThat(moves).hasSize(9);
  }

  @Test
  void turnByNothing_changesNothing_andTurnsKeepTheMiddle() {
    float[] still = changed(new AugmentRecipe(0, 0, 1e-9, 0, 0, 0, 0, 0), 3);
    for (int i = 0; i < still.length; i++) {
      assertThat(still[i]).isCloseTo(counted()[i], Offset.offset(1e-3f));
    }
    ImageShape odd = new ImageShape(1, 5, 5);
    float[] image = new float[25];
    image[12] = 100;
    image[7] = 50;
    new Augmenting(new AugmentRecipe(0, 0, 180, 0, 0, 0, 0, 0), odd).apply(image, new Dice(5));
    assertThat(image[12]).isCloseTo(100, Offset.offset(1e-3f));
  }

  @Test
  void shiftAndScale_moveWhatTheyShould() {
    ImageShape wide = new ImageShape(1, 1, 101);
    double sum = 0;
    for (int seed = 0; seed < 200; seed++) {
      float[] image = new float[101];
      image[50] = 100;
      new Augmenting(new AugmentRecipe(0, 0, 0, 0.2, 0, 0, 0, 0), wide)
          .apply(image, new Dice(seed));
      for (int x = 0; x < 101; x++) {
        assertThat(image[x] == 0 || Math.abs(x - 50) <= 22).isTrue();
        sum += image[x];
      }
    }
    assertThat(sum).isGreaterThan(1_000);
    float[] image = new float[101];
    java.util.Arrays.fill(image, 40, 61, 100);
    new Augmenting(new AugmentRecipe(0, 0, 0, 0, 0.5, 0, 0, 0), wide).apply(image, new Dice(4));
    int lit = 0;
    for (float value : image) {
      lit += value > 50 ? 1 : 0;
    }
    assertThat(lit).isNotEqualTo(21).isBetween(10, 33);
  }

  @Test
  void brightnessAndContrast_changeMeanAndSpread_withinBounds() {
    for (int seed = 0; seed < 100; seed++) {
      float[] bright = changed(new AugmentRecipe(0, 0, 0, 0, 0, 0.5, 0, 0), seed);
      float factor = bright[10] / 11;
      assertThat(factor).isBetween(0.5f, 1.5f);
      assertThat(bright[40]).isCloseTo(41 * factor, Offset.offset(1e-3f));
      float[] contrast = changed(new AugmentRecipe(0, 0, 0, 0, 0, 0, 0.5, 0), seed);
      float spread = (contrast[30] - contrast[20]) / 10;
      assertThat(spread).isBetween(0.5f, 1.5f);
      assertThat((contrast[23] + contrast[24]) / 2).isCloseTo(24.5f, Offset.offset(1e-3f));
    }
  }

  /** Numbers of IDX files of type SHORT, and those of tables, are no shades from 0 to 255. */
  @Test
  void brightnessAndContrast_keepNumbersBeyondShadesApart() {
    for (AugmentRecipe recipe :
        List.of(
            new AugmentRecipe(0, 0, 0, 0, 0, 0.5, 0, 0),
            new AugmentRecipe(0, 0, 0, 0, 0, 0, 0.5, 0))) {
      for (int seed = 0; seed < 50; seed++) {
        float[] image = counted();
        for (int i = 0; i < image.length; i++) {
          image[i] = 1000 * (i - 24);
        }
        new Augmenting(recipe, SHAPE).apply(image, new Dice(seed));
        for (int i = 20; i < 28; i++) {
          assertThat(image[i + 1] - image[i]).isBetween(499f, 1501f);
        }
        for (float value : image) {
          assertThat(value).isBetween(-24_000f, 23_000f);
        }
      }
    }
  }

  @Test
  void cutout_zeroesASquareInAllChannels() {
    for (int seed = 0; seed < 100; seed++) {
      float[] image = changed(new AugmentRecipe(0, 0, 0, 0, 0, 0, 0, 2), seed);
      int zeros = 0;
      for (int i = 0; i < 24; i++) {
        assertThat(image[i] == 0).isEqualTo(image[24 + i] == 0);
        zeros += image[i] == 0 ? 1 : 0;
      }
      assertThat(zeros).isIn(1, 2, 4);
    }
  }
}
