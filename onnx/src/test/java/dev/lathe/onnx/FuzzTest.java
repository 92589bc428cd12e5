package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** Damaged files give a LatheException or something sound, and never take much memory. */
class FuzzTest {
  private static final int CASES = 4000;
  private static final int FILE_CASES = 600;
  private static final int MOST_SAMPLE = 70_000;

  /** Heap bytes that one byte of a file may cost on its way in, through the checks and out. */
  private static final long PER_BYTE = 400;

  private static final long FLOOR = 4 << 20;

  @TempDir Path folder;

  @Test
  void damagedModel_isRefusedOrSound() throws IOException {
    List<byte[]> samples = new ArrayList<>();
    samples.add(OnnxFile.toBytes(Samples.everything()));
    samples.add(OnnxFile.toBytes(Samples.small()));
    samples.addAll(shared(".onnx"));
    int sound = fuzz(CASES, samples, FuzzTest::readCheckPrintAndWrite);
    assertThat(sound).as("models that survived damage").isBetween(100, CASES - 100);
  }

  @Test
  void damagedSafetensors_isRefusedOrSound() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Random random = new Random(1);
    tensors.put("a", Samples.random(ElementType.FLOAT, random, 2, 3));
    tensors.put("b", Samples.random(ElementType.BFLOAT16, random, 7));
    tensors.put("c", Samples.random(ElementType.INT64, random));
    Path file = folder.resolve("small.safetensors");
    Safetensors.write(file, tensors, Map.of("format", "pt"));
    List<byte[]> samples = new ArrayList<>();
    samples.add(Files.readAllBytes(file));
    samples.addAll(shared(".safetensors"));
    int sound =
        fuzz(
            CASES,
            samples,
            bytes ->
                Safetensors.parse(MemorySegment.ofArray(bytes))
                    .tensors()
                    .forEach(
                        (name, tensor) ->
                            assertThat(tensor.byteSize())
                                .as(name)
                                .isLessThanOrEqualTo(bytes.length)));
    assertThat(sound).as("files that survived damage").isBetween(100, CASES - 100);
  }

  @Test
  void damagedModelWithWeightsBesideIt_isRefusedOrWithinTheFile() {
    Model model = Samples.small();
    Map<String, Tensor> weights = new LinkedHashMap<>(model.graph().initializers());
    weights.put("more", Tensor.zeros(ElementType.INT32, 50));
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(
        model.withGraph(model.graph().withInitializers(weights)),
        file,
        new ExternalData("w.bin", 8, 16));
    int sound = fuzz(FILE_CASES, List.of(content(file)), this::readTouchingAllWeights);
    assertThat(sound).as("models that survived damage").isBetween(10, FILE_CASES - 10);
  }

  private void readTouchingAllWeights(byte[] bytes) {
    Path file = folder.resolve("damaged.onnx");
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    OnnxFile.read(file)
        .graph()
        .initializers()
        .forEach(
            (name, tensor) ->
                assertThat(tensor.data().toArray(ValueLayout.JAVA_BYTE))
                    .as(name)
                    .hasSize((int) tensor.byteSize()));
  }

  private static byte[] content(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void readCheckPrintAndWrite(byte[] bytes) {
    Model model = OnnxFile.parse(MemorySegment.ofArray(bytes));
    Checker.check(model);
    assertThat(OnnxText.print(model)).isNotEmpty();
    byte[] first = OnnxFile.toBytes(model);
    Model again = OnnxFile.parse(MemorySegment.ofArray(first));
    assertThat(OnnxFile.toBytes(again)).isEqualTo(first);
    assertThat(Same.models(model, again)).isEmpty();
  }

  private static int fuzz(int cases, List<byte[]> samples, Consumer<byte[]> reader) {
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    samples.forEach(reader);
    int sound = 0;
    for (int seed = 0; seed < cases; seed++) {
      Random random = new Random(seed);
      byte[] damaged = damage(samples, random);
      long before = memory.getCurrentThreadAllocatedBytes();
      try {
        reader.accept(damaged);
        sound++;
      } catch (LatheException e) {
        assertThat(e.getMessage()).as("seed %d", seed).isNotBlank();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed + ", " + damaged.length + " bytes", e);
      }
      assertThat(memory.getCurrentThreadAllocatedBytes() - before)
          .as("seed %d: heap taken by %d bytes", seed, damaged.length)
          .isLessThan(FLOOR + PER_BYTE * damaged.length);
    }
    return sound;
  }

  private static byte[] damage(List<byte[]> samples, Random random) {
    byte[] bytes = samples.get(random.nextInt(samples.size())).clone();
    int rounds = 1 + random.nextInt(4);
    for (int i = 0; i < rounds && bytes.length > 1; i++) {
      int at = random.nextInt(Math.min(bytes.length, random.nextBoolean() ? 400 : bytes.length));
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 3 -> bytes = spliced(bytes, at, samples.get(random.nextInt(samples.size())), random);
        case 4 -> bytes = inflated(bytes, at, random);
        default -> bytes = cut(bytes, at, random);
      }
    }
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int at, byte[] other, Random random) {
    int length = Math.min(other.length, 1 + random.nextInt(64));
    int from = random.nextInt(other.length - length + 1);
    byte[] out = new byte[bytes.length + length];
    System.arraycopy(bytes, 0, out, 0, at);
    System.arraycopy(other, from, out, at, length);
    System.arraycopy(bytes, at, out, at + length, bytes.length - at);
    return out;
  }

  /** Writes a huge varint, or digits for a text header, over what may be a length. */
  private static byte[] inflated(byte[] bytes, int at, Random random) {
    byte[] out = bytes.clone();
    byte fill = random.nextBoolean() ? (byte) 0xFF : (byte) '9';
    for (int i = 0; i < random.nextInt(10) && at + i < out.length; i++) {
      out[at + i] = fill;
    }
    if (at + 10 < out.length) {
      out[at + 10] = (byte) random.nextInt(128);
    }
    return out;
  }

  private static byte[] cut(byte[] bytes, int at, Random random) {
    int length = Math.min(bytes.length - at, 1 + random.nextInt(16));
    byte[] out = new byte[bytes.length - length];
    System.arraycopy(bytes, 0, out, 0, at);
    System.arraycopy(bytes, at + length, out, at, bytes.length - at - length);
    return out;
  }

  /** Files of peers; none where the reference data are absent, and then our own must do. */
  private static List<byte[]> shared(String ending) throws IOException {
    List<byte[]> samples = new ArrayList<>();
    Path fixtures;
    try {
      fixtures = Shared.path("fixtures/onnx");
    } catch (TestAbortedException e) {
      return samples;
    }
    try (Stream<Path> files = Files.list(fixtures)) {
      for (Path file : files.filter(each -> each.toString().endsWith(ending)).sorted().toList()) {
        if (Files.size(file) <= MOST_SAMPLE) {
          samples.add(Files.readAllBytes(file));
        }
      }
    }
    return samples;
  }
}
