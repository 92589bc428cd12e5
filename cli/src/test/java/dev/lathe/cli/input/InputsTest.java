package dev.lathe.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails.Port;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputsTest {
  private static final Port ROW = new Port("x", "FP32", List.of(-1L, 4L));
  private static final Port IMAGE = new Port("x", "FP32", List.of(-1L, 1L, 2L, 2L));

  @TempDir Path folder;

  private static Map<String, Tensor> read(Port port, String text) {
    return new Inputs(List.of(port), 255).read(text, InputStream.nullInputStream());
  }

  private static float[] floats(Port port, String text) {
    return read(port, text).get("x").toFloats();
  }

  @Test
  void rowOfNumbers_isOneExample() {
    Tensor x = read(ROW, "1,2.5,-3,4e1").get("x");
    assertThat(x.dims()).containsExactly(1, 4);
    assertThat(x.toFloats()).containsExactly(1, 2.5f, -3, 40);
  }

  @Test
  void csvFile_mayHaveAHeadingAndManyRows() throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), "a,b,c,d\n1,2,3,4\n\n5,6,7,8\n");
    Tensor x = read(ROW, file.toString()).get("x");
    assertThat(x.dims()).containsExactly(2, 4);
    assertThat(x.toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
  }

  @Test
  void csv_withItsLabel_isRefusedWithAHint() throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), "1,2,3,4\n1,2,3,4,0\n");
    assertThatThrownBy(() -> read(ROW, file.toString()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("line 2: 5 columns (expected: 4; leave out the label)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1, 2, 3, 4]",
        "[[1, 2, 3, 4]]",
        "{\"x\": [1, 2, 3, 4]}",
        "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 4], \"datatype\": \"FP32\","
            + " \"data\": [1, 2, 3, 4]}]}",
        "{\"inputs\": [{\"name\": \"x\", \"shape\": [1, 4], \"datatype\": \"FP32\","
            + " \"data\": [[1, 2, 3, 4]]}]}"
      })
  void json_inEveryForm_isTheSameTensor(String json) {
    Tensor x = read(ROW, json).get("x");
    assertThat(x.dims()).containsExactly(1, 4);
    assertThat(x.toFloats()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void jsonImage_mayLeaveOutTheBatch() {
    assertThat(read(IMAGE, "[[[1, 2], [3, 4]]]").get("x").dims()).containsExactly(1, 1, 2, 2);
    assertThat(read(IMAGE, "[1, 2, 3, 4, 5, 6, 7, 8]").get("x").dims()).containsExactly(2, 1, 2, 2);
  }

  @Test
  void largeIntegers_keepEveryBit() {
    Port port = new Port("x", "INT64", List.of(-1L, 1L));
    Tensor x = read(port, "[[9007199254740993]]").get("x");
    assertThat(x.type()).isEqualTo(ElementType.INT64);
    assertThat(x.longAt(0)).isEqualTo(9007199254740993L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[1, 2, 3]",
        "[[1, 2], [3]]",
        "[[1, 2, 3]]",
        "[",
        "{\"y\": [1, 2, 3, 4]}",
        "[[1, 2, 3, null]]",
        "[[1, 2, 3, \"four\"]]",
        "1,2,3,x4",
        "no-such-file.csv"
      })
  void badInput_isRefusedAsInvalid(String text) {
    assertThatThrownBy(() -> read(ROW, text))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(InputError.BAD_INPUT));
  }

  @Test
  void truncatedJson_isToldWithItsPlace() {
    assertThatThrownBy(() -> read(ROW, "[[1,2"))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(" 1:6: JSON ends too early");
  }

  @Test
  void severalInputs_needJsonThatNamesThem() {
    Inputs inputs = new Inputs(List.of(ROW, new Port("z", "FP32", List.of(-1L))), 255);
    assertThatThrownBy(() -> inputs.read("1,2", InputStream.nullInputStream()))
        .hasMessageContaining("[x, z]");
    assertThat(inputs.read("{\"x\": [[1,2,3,4]], \"z\": [5]}", InputStream.nullInputStream()))
        .containsOnlyKeys("x", "z");
  }

  @Test
  void pgm_isReadInBothForms() throws IOException {
    Path plain = Files.writeString(folder.resolve("a.pgm"), "P2\n# two\n2 2\n255\n0 255\n0 0\n");
    assertThat(floats(IMAGE, plain.toString())).containsExactly(0, 255, 0, 0);
    byte[] header = "P5 2 2 255\n".getBytes(StandardCharsets.US_ASCII);
    byte[] all = java.util.Arrays.copyOf(header, header.length + 4);
    all[header.length + 3] = (byte) 51;
    Path binary = Files.write(folder.resolve("b.pgm"), all);
    assertThat(floats(IMAGE, binary.toString())).containsExactly(0, 0, 0, 51);
  }

  @Test
  void png_isScaledByArea_andTurnedToBrightOnDark() throws IOException {
    BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        image.setRGB(x, y, x < 4 && y < 4 && x > 1 && y > 1 ? 0 : 0xFFFFFF);
      }
    }
    Path file = folder.resolve("a.png");
    ImageIO.write(image, "png", file.toFile());
    // A quarter of the upper left quadrant is ink; the paper is white.
    assertThat(floats(IMAGE, file.toString())).containsExactly(63.75f, 0, 0, 0);
  }

  @Test
  void pictureForARow_needsASquare() throws IOException {
    Path file = Files.writeString(folder.resolve("a.pgm"), "P2 1 1 1 0    ");
    assertThatThrownBy(() -> read(new Port("x", "FP32", List.of(-1L, 3L)), file.toString()))
        .hasMessageContaining("a model of grey images");
    Port square = new Port("x", "FP32", List.of(-1L, 64L));
    assertThat(read(square, file.toString()).get("x").dims()).containsExactly(1, 64);
  }

  @Test
  void mutatedPictures_areReadOrRefused() {
    long seed = 5;
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    byte[] good = "P5 2 2 255\n....".getBytes(StandardCharsets.US_ASCII);
    for (int round = 0; round < 3000; round++) {
      byte[] bad = java.util.Arrays.copyOf(good, 9 + random.nextInt(good.length - 8));
      bad[2 + random.nextInt(bad.length - 2)] = (byte) random.nextInt();
      try {
        assertThat(Pgm.read(bad, "p").values()).as("seed " + seed + " round " + round).isNotEmpty();
      } catch (LatheException e) {
        assertThat(e.code()).isEqualTo(InputError.BAD_INPUT);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 9, 49, 65})
  void picture_forARowOfMeasurements_isRefused(long columns) throws IOException {
    Path file = folder.resolve("picture.png");
    ImageIO.write(new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
    Port row = new Port("x", "FP32", List.of(-1L, columns));
    assertThatThrownBy(() -> read(row, file.toString()))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(
            "a picture for input \"x\" of shape [-1, " + columns + "] (expected: ");
    assertThat(read(new Port("x", "FP32", List.of(-1L, 64L)), file.toString()).get("x").dims())
        .containsExactly(1, 64);
  }

  @Test
  void modelOfTextsOrFiles_takesThemAsTheyAre() throws IOException {
    Port raw = new Port("in", "BYTES", List.of(-1L));
    assertThat(read(raw, "Two words, 3").get("in").strings()).containsExactly("Two words, 3");
    Path text = Files.writeString(folder.resolve("a.txt"), "from a file\n");
    assertThat(read(raw, text.toString()).get("in").strings()).containsExactly("from a file");
    Path picture = folder.resolve("a.png");
    ImageIO.write(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB), "png", picture.toFile());
    assertThat(read(raw, picture.toString()).get("in").strings().getFirst()).startsWith("iVBOR");
    assertThat(read(raw, "{\"in\": [\"a\", \"b\"]}").get("in").strings()).containsExactly("a", "b");
  }
}
