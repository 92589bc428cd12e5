package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.lathe.ir.LatheException;
import dev.lathe.train.DataRecipe.Idx;
import dev.lathe.train.DataRecipe.IdxPair;
import dev.lathe.train.DataRecipe.Preparation;
import dev.lathe.train.Dataset;
import dev.lathe.train.Recipe;
import dev.lathe.train.Task;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdxFileTest {
  @TempDir Path folder;

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static byte[] idx(int type, int[] dims, byte... data) {
    ByteBuffer buffer = ByteBuffer.allocate(4 + 4 * dims.length + data.length);
    buffer.putInt(type << 8 | dims.length);
    for (int dim : dims) {
      buffer.putInt(dim);
    }
    return buffer.put(data).array();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void plainAndZippedFiles_areTheSame() throws Exception {
    byte[] bytes =
        idx(8, new int[] {2, 1, 3}, (byte) 0, (byte) 1, (byte) 255, (byte) 3, (byte) 4, (byte) 5);
    IdxFile plain = IdxFile.read(file("a", bytes));
    IdxFile zipped = IdxFile.read(file("a.gz", gzip(bytes)));
    assertThat(plain.dims()).containsExactly(2, 1, 3);
    assertThat(plain.values()).containsExactly(0, 1, 255, 3, 4, 5);
    assertThat(zipped.values()).containsExactly(plain.values());
  }

  @ParameterizedTest
  @CsvSource({
    "9, ff, -1",
    "11, fffe, -2",
    "12, fffffffd, -3",
    "13, 3fc00000, 1.5",
    "14, 3ff8000000000000, 1.5"
  })
  void everyElementType_isBigEndian(int type, String hex, float value) throws Exception {
    byte[] data = java.util.HexFormat.of().parseHex(hex);
    assertThat(IdxFile.read(file("t", idx(type, new int[] {1}, data))).values())
        .containsExactly(value);
  }

  @Test
  void labelThatTrainingHasNot_isRefusedWithPlaceAndClasses() throws Exception {
    file("x", idx(8, new int[] {3, 1}, (byte) 5, (byte) 6, (byte) 7));
    file("train", idx(8, new int[] {3}, (byte) 0, (byte) 1, (byte) 2));
    file("test", idx(8, new int[] {3}, (byte) 0, (byte) 1, (byte) 3));
    Recipe recipe =
        Recipe.parse(
            """
            model: t/idx
            task: classification
            data:
              { format: idx, train_images: x, train_labels: train, test_images: x,
                test_labels: test }
            architecture: { kind: linear }
            optimizer: { kind: sgd }
            epochs: 1
            """,
            "idx.yaml",
            folder);
    assertThatThrownBy(() -> Preparing.of(recipe))
        .hasMessageContaining("label 3 of example 2")
        .hasMessageEndingWith("(expected: 0 to 2, the classes 0, 1, 2)");
  }

  @Test
  void pair_becomesExamples() throws Exception {
    Path images = file("i", idx(8, new int[] {2, 2, 2}, new byte[8]));
    Path labels = file("l", idx(8, new int[] {2}, (byte) 1, (byte) 0));
    Idx idx = new Idx(new IdxPair(images, labels), IdxPair.NONE, Preparation.NONE);
    Dataset data = Sources.of(idx, Task.CLASSIFICATION).train();
    assertThat(data.x().dims()).containsExactly(2, 2, 2);
    assertThat(data.y().toLongs()).containsExactly(1, 0);
    assertThat(data.labels()).containsExactly("0", "1");
  }

  @Test
  void countsThatDiffer_areRefused() throws Exception {
    Path images = file("i", idx(8, new int[] {3, 2}, new byte[6]));
    Path labels = file("l", idx(8, new int[] {2}, (byte) 1, (byte) 0));
    Idx idx = new Idx(new IdxPair(images, labels), IdxPair.NONE, Preparation.NONE);
    assertThatThrownBy(() -> Sources.of(idx, Task.CLASSIFICATION))
        .hasMessageContaining("2 labels (expected: 3");
  }

  @Test
  void badHeaders_areRefused() throws Exception {
    Path wrongType = file("a", idx(7, new int[] {1}, (byte) 0));
    assertThatThrownBy(() -> IdxFile.read(wrongType))
        .hasMessageContaining("magic number 0x00000701");
    Path tooShort = file("b", idx(8, new int[] {5}, (byte) 0));
    assertThatThrownBy(() -> IdxFile.read(tooShort))
        .hasMessageContaining("9 bytes (expected: 13 by its header [5])");
    Path tooLong = file("c.gz", gzip(idx(8, new int[] {1}, (byte) 0, (byte) 0)));
    assertThatThrownBy(() -> IdxFile.read(tooLong))
        .hasMessageContaining("more bytes than its header");
    Path cut = file("d.gz", gzip(idx(8, new int[] {9}, (byte) 0)));
    assertThatThrownBy(() -> IdxFile.read(cut)).hasMessageContaining("ends too early");
    Path huge = file("e.gz", gzip(idx(8, new int[] {0x7fffffff, 0x7fffffff})));
    assertThatThrownBy(() -> IdxFile.read(huge))
        .hasMessageContaining("elements (expected: at most");
    Path nothing = file("f", idx(8, new int[] {0}));
    assertThatThrownBy(() -> IdxFile.read(nothing)).hasMessageContaining("at least 1");
    Path nan = file("g", idx(13, new int[] {1}, (byte) 0x7f, (byte) 0xc0, (byte) 0, (byte) 0));
    assertThatThrownBy(() -> IdxFile.read(nan)).hasMessageContaining("finite");
  }

  @Test
  void mutatedFiles_giveNumbersOrOurError() throws Exception {
    byte[] plain = idx(8, new int[] {4, 3, 3}, new byte[36]);
    byte[] zipped = gzip(plain);
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      byte[] bytes = (seed % 2 == 0 ? plain : zipped).clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      bytes = java.util.Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
      Path file = file("m", bytes);
      try {
        IdxFile.read(file);
      } catch (LatheException e) {
        assertThat(e.getMessage()).isNotBlank();
      } catch (RuntimeException | Error e) {
        fail("seed " + seed, e);
      }
    }
  }
}
