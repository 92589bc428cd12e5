package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lathe.ir.LatheException;
import dev.lathe.train.CancelToken;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.TrainingListener;
import dev.lathe.train.TrainingProgress;
import dev.lathe.train.TrainingResult;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Dice;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;
import dev.lathe.train.data.Preparing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recipes on folders of images, held or decoded in every epoch, changed at random. */
@Timeout(300)
class ImagesTest {
  private static final int EACH = 120;

  @TempDir static Path data;
  @TempDir Path folder;

  /** Stripes that lie or stand, on noise, as PNG and JPEG of several sizes. */
  @BeforeAll
  static void write() throws IOException {
    Dice dice = new Dice(6);
    for (String kind : List.of("lying", "standing")) {
      Path inside = Files.createDirectories(data.resolve("stripes").resolve(kind));
      for (int i = 0; i < EACH; i++) {
        int side = 40 + dice.below(30);
        BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < side; y++) {
          for (int x = 0; x < side; x++) {
            int along = kind.equals("lying") ? y : x;
            int value = (along / 8 % 2 * 120) + dice.below(100);
            image.setRGB(x, y, value << 16 | value / 2 << 8 | 255 - value);
          }
        }
        String format = i % 3 == 0 ? "jpg" : "png";
        ImageIO.write(image, format, inside.resolve("i" + i + "." + format).toFile());
      }
    }
    Files.writeString(data.resolve("stripes").resolve("lying").resolve(".hidden"), "not seen");
  }

  private static Recipe recipe(String more) {
    return recipe(more, data);
  }

  private static Recipe recipe(String more, Path directory) {
    return Recipe.parse(
        """
        model: t/stripes
        task: classification
        data:
          format: images
          train: stripes
          shape: [3, 20, 20]
          validation: 0.1
          test_fraction: 0.1
          normalize: standard_all
        %s
        architecture:
          { kind: cnn, stages: [{ channels: 4, stride: 2 }], hidden: [] }
        optimizer: { kind: adam, learning_rate: 0.01 }
        update: { batches: 2, average: 0.9 }
        epochs: 6
        batch: 16
        checkpoint: { every: 5 }
        """
            .formatted(more.indent(2).stripTrailing()),
        "images.yaml",
        directory);
  }

  private static final String AUGMENT =
      "augment: { flip: 0.5, crop: 2, rotate: 10, shift: 0.05, scale: 0.1, brightness: 0.2,"
          + " contrast: 0.2, cutout: 4 }";

  private static TrainingResult run(Recipe recipe, Path directory, TrainingListener listener)
      throws IOException {
    Files.createDirectories(directory);
    AtomicLong clock = new AtomicLong();
    TrainingLoop.Watch watch =
        new TrainingLoop.Watch(listener, new CancelToken(), () -> clock.addAndGet(200_000_000L));
    Plan plan = Plan.of(recipe, Preparing.of(recipe));
    RunFolder run = new RunFolder(directory);
    try (FileChannel _ = run.lock();
        TrainingLoop loop = new TrainingLoop(plan, run, watch)) {
      return loop.run();
    }
  }

  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private static List<Float> read(Part part, Cursor cursor, int most) {
    List<Float> seen = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        cursor) {
      List<MemorySegment> columns =
          part.columns().stream().map(c -> arena.allocate(c.bytes(), 8)).toList();
      for (int i = 0; i < most && cursor.next(columns, 0); i++) {
        MemorySegment x = columns.getFirst();
        for (int k = 0; k < 1200; k += 7) {
          seen.add(x.getAtIndex(ValueLayout.JAVA_FLOAT, k));
        }
        seen.add((float) columns.getLast().get(ValueLayout.JAVA_LONG, 0));
      }
    }
    return seen;
  }

  @Test
  void imagesDecodedInEveryEpoch_areThoseThatAreHeld() {
    PreparedData held = Preparing.of(recipe(""));
    PreparedData streamed = Preparing.of(recipe("window: 1"));
    assertThat(held.train().isInMemory()).isTrue();
    assertThat(streamed.train().isInMemory()).isFalse();
    assertThat(streamed.answers()).isEqualTo(held.answers());
    assertThat(streamed.answers().labels()).containsExactly("lying", "standing");
    assertThat(streamed.digests()).isEqualTo(held.digests());
    assertThat(streamed.train().size()).isEqualTo(held.train().size()).isEqualTo(192);
    List<Float> expected = read(held.train(), held.train().inOrder(), 200);
    List<Float> found = read(streamed.train(), streamed.train().inOrder(), 200);
    assertThat(found).hasSize(expected.size());
    for (int i = 0; i < found.size(); i++) {
      assertThat(Math.abs(found.get(i) - expected.get(i))).isLessThan(1e-3f);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"window: 1\n" + AUGMENT, AUGMENT})
  void augmentedEpoch_isTheSameEachTime_andGoesOnAnywhere(String more) {
    Part part = Preparing.of(recipe(more)).train();
    List<Float> epoch = read(part, part.shuffled(3, 1), 1000);
    assertThat(read(part, part.shuffled(3, 1), 1000)).isEqualTo(epoch);
    assertThat(read(part, part.shuffled(3, 2), 1000)).isNotEqualTo(epoch);
    Cursor cursor = part.shuffled(3, 1);
    cursor.skip(101);
    assertThat(read(part, cursor, 20)).isEqualTo(epoch.subList(101 * 173, 121 * 173));
    assertThat(read(part, part.inOrder(), 5)).isEqualTo(read(part, part.inOrder(), 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"window: 1\n" + AUGMENT, AUGMENT})
  void augmentedRun_killedAndResumed_isBitIdentical(String more) throws Exception {
    Recipe recipe = recipe(more);
    TrainingResult expected = run(recipe, folder.resolve("whole"), TrainingListener.SILENT);
    assertThat(expected.metrics().get("test_accuracy")).isGreaterThan(0.8);
    for (int step : new int[] {3, 13, 22}) {
      Path directory = folder.resolve("killed" + step);
      Throwable killed =
          catchThrowable(
              () ->
                  run(
                      recipe,
                      directory,
                      progress -> {
                        if (progress.step() >= step) {
                          throw new Killed();
                        }
                      }));
      assertThat(killed).isInstanceOf(Killed.class);
      TrainingResult resumed = run(recipe, directory, TrainingListener.SILENT);
      assertThat(resumed.metrics()).isEqualTo(expected.metrics());
    }
  }

  @Test
  void imagesOfOtherFormats_areChangedToo_andOnlyInTraining() {
    Recipe plain =
        Recipe.parse(
            """
            model: t/digits
            task: classification
            data:
              { format: drawn_digits, train: 60, test: 20, validation: 0.2, normalize: scale }
            architecture: { kind: mlp, hidden: [8] }
            optimizer: { kind: sgd }
            epochs: 1
            """,
            "digits.yaml");
    Recipe changed =
        Recipe.parse(
            plain.source().replace("scale }", "scale, augment: { crop: 3 } }"), "digits.yaml");
    PreparedData before = Preparing.of(plain);
    PreparedData after = Preparing.of(changed);
    assertThat(after.train().columns()).isEqualTo(before.train().columns());
    assertThat(after.normalizer().std().toFloats()).isEqualTo(before.normalizer().std().toFloats());
    assertThat(pixels(after.validation())).isEqualTo(pixels(before.validation()));
    assertThat(pixels(after.test())).isEqualTo(pixels(before.test()));
    List<Float> moved = pixels(after.train());
    assertThat(moved).isEqualTo(pixels(after.train())).isNotEqualTo(pixels(before.train()));
    assertThat(moved.stream().mapToDouble(v -> v).sum())
        .isBetween(
            0.8 * pixels(before.train()).stream().mapToDouble(v -> v).sum(),
            1.0 * pixels(before.train()).stream().mapToDouble(v -> v).sum());
    Recipe table =
        Recipe.parse(
            plain.source().replace("scale }", "scale, shape: [784], augment: { crop: 3 } }"),
            "digits.yaml");
    assertThatThrownBy(() -> Preparing.of(table))
        .hasMessageContaining("data.augment: examples [784] (expected: images");
  }

  private static List<Float> pixels(Part part) {
    List<Float> seen = new ArrayList<>();
    try (Arena arena = Arena.ofConfined();
        Cursor cursor = part.shuffled(1, 0)) {
      List<MemorySegment> columns =
          part.columns().stream().map(c -> arena.allocate(c.bytes(), 8)).toList();
      while (cursor.next(columns, 0)) {
        for (int k = 0; k < 784; k++) {
          seen.add(columns.getFirst().getAtIndex(ValueLayout.JAVA_FLOAT, k));
        }
      }
    }
    return seen;
  }

  private Path copy() throws IOException {
    for (String kind : List.of("lying", "standing")) {
      Path inside = Files.createDirectories(folder.resolve("stripes").resolve(kind));
      for (int i = 1; i < 20; i++) {
        String name = "i" + i + (i % 3 == 0 ? ".jpg" : ".png");
        Files.copy(data.resolve("stripes").resolve(kind).resolve(name), inside.resolve(name));
      }
    }
    return folder.resolve("stripes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "window: 1\nshape: [3, 100, 100]"})
  void corruptImage_isNamedOrLeftOutAndCounted(String more) throws Exception {
    Path stripes = copy();
    Path broken = stripes.resolve("lying").resolve("broken.png");
    byte[] whole = Files.readAllBytes(stripes.resolve("lying").resolve("i1.png"));
    Files.write(broken, java.util.Arrays.copyOf(whole, whole.length / 2));
    String text = recipe(more.replaceAll("shape.*", "")).source();
    if (more.contains("shape")) {
      text = text.replace("[3, 20, 20]", "[3, 100, 100]");
    }
    Recipe fail = Recipe.parse(text, "r.yaml", folder);
    assertThatThrownBy(() -> Preparing.of(fail))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(TrainError.BAD_DATA))
        .hasMessageContaining("broken.png: cannot be decoded");
    Recipe skip =
        Recipe.parse(text.replace("validation:", "corrupt: skip\n  validation:"), "r.yaml", folder);
    PreparedData data = Preparing.of(skip);
    assertThat(data.train().size() + data.validation().size() + data.test().size()).isEqualTo(38);
    assertThat(data.digests().getFirst().source()).isEqualTo("stripes without 1 corrupt images");
    assertThat(data.digests().getFirst().leftOut()).isEqualTo(1);
    List<String> warnings = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void progress(TrainingProgress progress) {
            throw new Killed();
          }

          @Override
          public void warning(String message) {
            warnings.add(message);
          }
        };
    assertThatThrownBy(() -> run(skip, folder.resolve("run"), listener)).isInstanceOf(Killed.class);
    assertThat(warnings).containsExactly("train data: 1 files cannot be decoded and are left out");
    String before = data.digest();
    Files.write(broken, new byte[] {1});
    assertThat(Preparing.of(skip).digest()).isNotEqualTo(before);
  }

  @Test
  void foldersThatAreNoClasses_areRefused() throws Exception {
    Path stripes = copy();
    Files.writeString(stripes.resolve("readme.txt"), "hello");
    assertThatThrownBy(() -> Preparing.of(recipe("", folder)))
        .hasMessageContaining("readme.txt: a file (expected: a folder of images for each class)");
    Files.delete(stripes.resolve("readme.txt"));
    Files.createDirectory(stripes.resolve("empty"));
    assertThatThrownBy(() -> Preparing.of(recipe("", folder)))
        .hasMessageContaining("empty: no images of this class");
    Files.delete(stripes.resolve("empty"));
    Path test = Files.createDirectories(folder.resolve("other").resolve("slanted"));
    Files.copy(stripes.resolve("lying").resolve("i1.png"), test.resolve("a.png"));
    Recipe tested =
        Recipe.parse(
            recipe("").source().replace("test_fraction: 0.1", "test: other"), "r.yaml", folder);
    assertThatThrownBy(() -> Preparing.of(tested))
        .hasMessageContaining("class \"slanted\" is not among the training's (expected: lying,");
    assertThatThrownBy(() -> Preparing.of(recipe("", folder.resolve("none"))))
        .hasMessageContaining("no such folder");
  }

  @Test
  void shapeThatIsNoImages_isRefusedInTheRecipe() {
    String text = recipe("").source();
    assertThatThrownBy(() -> Recipe.parse(text.replace("[3, 20, 20]", "[2, 20, 20]"), "r.yaml"))
        .hasMessageContaining("data.shape: [2, 20, 20] (expected: [channels, height, width]");
    String regression = text.replace("task: classification", "task: regression");
    assertThatThrownBy(() -> Recipe.parse(regression, "r.yaml"))
        .hasMessageContaining("data.format: images does not fit task regression");
  }
}
