package dev.lathe.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PictureTest {
  private static BufferedImage image(int type, int height, int width, IntBinaryOperator rgb) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb.applyAsInt(y, x));
      }
    }
    return image;
  }

  private static byte[] file(BufferedImage image, String format) throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private static float[] read(byte[] file, int channels, int height, int width) throws Exception {
    return new Picture(new ImageShape(channels, height, width), Fit.STRETCH).read(file);
  }

  private static int colour(int y, int x) {
    return 0xFF000000 | 40 * y << 16 | 30 * x << 8 | (y * 7 + x * 11);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        BufferedImage.TYPE_INT_RGB,
        BufferedImage.TYPE_3BYTE_BGR,
        BufferedImage.TYPE_INT_ARGB,
        BufferedImage.TYPE_4BYTE_ABGR
      })
  void coloursOfSameSize_areTheFilesBytes(int type) throws Exception {
    float[] read = read(file(image(type, 5, 6, PictureTest::colour), "png"), 3, 5, 6);
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 6; x++) {
        assertThat(read[y * 6 + x]).isEqualTo(40 * y);
        assertThat(read[30 + y * 6 + x]).isEqualTo(30 * x);
        assertThat(read[60 + y * 6 + x]).isEqualTo(y * 7 + x * 11);
      }
    }
  }

  @Test
  void transparency_isDropped() throws Exception {
    BufferedImage image = image(BufferedImage.TYPE_INT_ARGB, 2, 2, (y, x) -> 0x10FF8040);
    assertThat(read(file(image, "png"), 3, 2, 2)).startsWith(255, 255).endsWith(64, 64);
  }

  @Test
  void palettes_areLookedUp() throws Exception {
    byte[] red = {0, (byte) 200, 10};
    byte[] green = {1, 100, 20};
    byte[] blue = {2, 50, 30};
    IndexColorModel palette = new IndexColorModel(2, 3, red, green, blue);
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_INDEXED, palette);
    image.getRaster().setPixels(0, 0, 3, 1, new int[] {1, 0, 2});
    assertThat(read(file(image, "png"), 3, 1, 3))
        .containsExactly(200, 0, 10, 100, 1, 20, 50, 2, 30);
  }

  @Test
  void greyOfEightAndSixteenBits_isKeptAsWritten() throws Exception {
    BufferedImage eight = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    eight.getRaster().setPixels(0, 0, 2, 1, new int[] {100, 7});
    assertThat(read(file(eight, "png"), 1, 1, 2)).containsExactly(100, 7);
    assertThat(read(file(eight, "png"), 3, 1, 2)).containsExactly(100, 7, 100, 7, 100, 7);
    BufferedImage sixteen = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    sixteen.getRaster().setPixels(0, 0, 2, 1, new int[] {65_535, 257 * 9});
    assertThat(read(file(sixteen, "png"), 1, 1, 2)).containsExactly(255, 9);
  }

  @Test
  void coloursBecomeGrey_byTheirLuma() throws Exception {
    BufferedImage image =
        image(BufferedImage.TYPE_INT_RGB, 1, 2, (y, x) -> x == 0 ? 0xFF0000 : 255);
    assertThat(read(file(image, "png"), 1, 1, 2)).containsExactly(76, 29);
  }

  @Test
  void jpeg_isRead() throws Exception {
    BufferedImage image =
        image(BufferedImage.TYPE_INT_RGB, 16, 16, (y, x) -> y < 8 ? 0xE01020 : 0x1020E0);
    float[] read = read(file(image, "jpg"), 3, 16, 16);
    assertThat(read[3 * 16 + 3]).isCloseTo(0xE0, Offset.offset(16f));
    assertThat(read[12 * 16 + 3]).isCloseTo(0x10, Offset.offset(16f));
    assertThat(read[2 * 256 + 3 * 16 + 3]).isCloseTo(0x20, Offset.offset(16f));
  }

  @Test
  void halvedImage_isFilteredSoThatNothingFlickers() throws Exception {
    BufferedImage stripes =
        image(BufferedImage.TYPE_INT_RGB, 64, 64, (y, x) -> x % 2 == 0 ? 0xFFFFFF : 0);
    for (float value : read(file(stripes, "png"), 1, 16, 16)) {
      assertThat(value).isCloseTo(127.5f, Offset.offset(14f));
    }
  }

  /** What PyTorch's interpolate gives with mode bilinear and antialias, for a row of ten. */
  @Test
  void weightsOfAResize_areThoseOfATriangleByHand() {
    float[] row = {0, 10, 20, 30, 40, 50, 60, 70, 80, 90};
    float[] into = new float[5];
    new Resize(0, 10, 5).row(row, 0, into);
    // Middles 1, 3, … of steps of 2: weights 1:3:3:1, and 3:3:1 at the border.
    assertThat(into[1]).isCloseTo(25, Offset.offset(1e-4f));
    assertThat(into[2]).isCloseTo(45, Offset.offset(1e-4f));
    assertThat(into[0]).isCloseTo((0 * 3 + 10 * 3 + 20) / 7f, Offset.offset(1e-4f));
    float[] larger = new float[4];
    new Resize(0, 2, 4).row(new float[] {0, 100}, 0, larger);
    assertThat(larger).containsExactly(0, 25, 75, 100);
  }

  @Test
  void rowsAndColumns_areResizedAlike() throws Exception {
    BufferedImage image =
        image(BufferedImage.TYPE_INT_RGB, 23, 31, (y, x) -> (y * y + 3 * x) & 255);
    BufferedImage turned =
        image(BufferedImage.TYPE_INT_RGB, 31, 23, (y, x) -> (x * x + 3 * y) & 255);
    for (int[] size : new int[][] {{5, 7}, {23, 31}, {40, 33}, {1, 1}, {60, 4}}) {
      float[] straight = read(file(image, "png"), 1, size[0], size[1]);
      float[] across = read(file(turned, "png"), 1, size[1], size[0]);
      for (int y = 0; y < size[0]; y++) {
        for (int x = 0; x < size[1]; x++) {
          assertThat(straight[y * size[1] + x])
              .as(Arrays.toString(size))
              .isCloseTo(across[x * size[0] + y], Offset.offset(1f));
        }
      }
    }
  }

  @Test
  void crop_takesTheMiddleOfTheRightProportions() throws Exception {
    BufferedImage wide =
        image(BufferedImage.TYPE_INT_RGB, 4, 12, (y, x) -> x >= 4 && x < 8 ? 0xFFFFFF : 0);
    float[] cropped = new Picture(new ImageShape(1, 4, 4), Fit.CROP).read(file(wide, "png"));
    assertThat(cropped).hasSize(16).containsOnly(255);
    float[] tall = new Picture(new ImageShape(1, 4, 24), Fit.CROP).read(file(wide, "png"));
    assertThat(tall).hasSize(96).contains(0, 255);
  }

  @Test
  void hugeImage_isRefusedByItsHeaderAlone() {
    ByteBuffer png = ByteBuffer.allocate(45);
    png.putLong(0x89504E470D0A1A0AL).putInt(13).putInt(0x49484452);
    png.putInt(60_000).putInt(60_000).put((byte) 8).put((byte) 2).put(new byte[3]);
    CRC32 sum = new CRC32();
    sum.update(png.array(), 12, 17);
    png.putInt((int) sum.getValue());
    assertThatThrownBy(() -> read(png.array(), 1, 2, 2))
        .isInstanceOf(Picture.Unreadable.class)
        .hasMessageContaining("60000×60000 pixels (expected: at most 33554432 in all)");
  }

  @Test
  void whatIsNoImage_isUnreadable() throws Exception {
    assertThatThrownBy(() -> read("hello".getBytes(), 1, 2, 2))
        .hasMessageContaining("no PNG or JPEG image");
    BufferedImage image = image(BufferedImage.TYPE_INT_RGB, 50, 50, PictureTest::colour);
    assertThatThrownBy(() -> read(file(image, "bmp"), 1, 2, 2))
        .hasMessageContaining("no PNG or JPEG image");
    byte[] png = file(image, "png");
    assertThatThrownBy(() -> read(Arrays.copyOf(png, png.length / 2), 1, 2, 2))
        .isInstanceOf(Picture.Unreadable.class)
        .hasMessageContaining("cannot be decoded");
  }

  @Test
  void shortSide_resizesThenCutsTheMiddle() throws Exception {
    BufferedImage wide = image(BufferedImage.TYPE_INT_RGB, 8, 16, (y, x) -> colour(y, x));
    byte[] file = file(wide, "png");
    float[] whole = read(file, 3, 4, 8);
    float[] cut = new Picture(new ImageShape(3, 2, 4), Fit.CROP).withShortSide(4).read(file);
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < 2; y++) {
        for (int x = 0; x < 4; x++) {
          assertThat(cut[c * 8 + y * 4 + x]).isEqualTo(whole[c * 32 + (y + 1) * 8 + x + 2]);
        }
      }
    }
  }

  @Test
  void moreScansThanAnyPictureHas_areRefused() {
    byte[] file = new byte[2000];
    for (int i = 0; i < file.length; i += 2) {
      file[i] = (byte) 0xFF;
      file[i + 1] = (byte) (i == 0 ? 0xD8 : 0xDA);
    }
    assertThatThrownBy(() -> new Picture(new ImageShape(1, 4, 4), Fit.CROP).read(file))
        .isInstanceOf(Picture.Unreadable.class)
        .hasMessageContaining("scans");
  }

  @Test
  void ownLimitOfPixels_isKept() throws Exception {
    byte[] file = file(image(BufferedImage.TYPE_INT_RGB, 8, 16, (y, x) -> 0), "png");
    Picture small = new Picture(new ImageShape(1, 4, 4), Fit.CROP).withMaxPixels(100);
    assertThatThrownBy(() -> small.read(file)).hasMessageContaining("16×8 pixels");
  }
}
