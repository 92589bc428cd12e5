package dev.lathe.generate.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.runtime.Cpu;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.transform.CachedDecoder;
import dev.lathe.transform.WeightForm;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeployFormsTest {
  private static final long PLENTY = 1L << 30;
  private static final long UNKNOWN = Long.MAX_VALUE;

  @TempDir private Path folder;

  private Path released(long seed) {
    Model model =
        new Llama(96, 64, new Llama.Size(64, 96, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.OWN)
            .build(seed);
    Path file = folder.resolve("released" + seed + ".onnx");
    OnnxFile.write(model, file);
    return file;
  }

  private DeployForms forms(long mostBytes, long second) {
    Clock clock = Clock.fixed(Instant.ofEpochSecond(second), ZoneOffset.UTC);
    return new DeployForms(folder.resolve("cache"), mostBytes, clock);
  }

  private List<String> kept() throws IOException {
    try (Stream<Path> all = Files.list(folder.resolve("cache"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void formIsMadeOnce_andFoundAgainByContent() throws IOException {
    Path released = released(1);
    DeployedDecoder first = forms(PLENTY, 1).take(released, WeightForm.INT4_BLOCK32, UNKNOWN);
    FileTime made = Files.getLastModifiedTime(first.file());
    Path elsewhere = Files.copy(released, folder.resolve("copy.onnx"));
    DeployedDecoder again = forms(PLENTY, 2).take(elsewhere, WeightForm.INT4_BLOCK32, UNKNOWN);
    assertThat(again.file()).isEqualTo(first.file());
    assertThat(Files.getLastModifiedTime(again.file())).isEqualTo(made);
    assertThat(again.decoder().context()).isEqualTo(64);
    assertThat(again.decoder().layers())
        .containsExactly(new CachedDecoder.Cache(2, 16), new CachedDecoder.Cache(2, 16));
    try (Session session = Session.open(again.file(), SessionOptions.defaults())) {
      assertThat(session.outputs()).hasSize(5);
    }
    forms(PLENTY, 3).take(released, WeightForm.W8A8, UNKNOWN);
    forms(PLENTY, 4).take(released(2), WeightForm.W8A8, UNKNOWN);
    assertThat(kept()).hasSize(3).noneMatch(name -> name.contains(".part"));
  }

  @Test
  void formsTakenLongestAgo_leaveWhereRoomIsShort() throws IOException {
    Path one = released(1);
    Path two = released(2);
    Path three = released(3);
    Path old = forms(PLENTY, 1).take(one, WeightForm.INT8, UNKNOWN).file();
    long size = Disk.size(old.getParent());
    Path middle = forms(PLENTY, 2).take(two, WeightForm.INT8, UNKNOWN).file();
    forms(PLENTY, 3).take(one, WeightForm.INT8, UNKNOWN);
    Path last = forms(2 * size + size / 2, 4).take(three, WeightForm.INT8, UNKNOWN).file();
    assertThat(old).exists();
    assertThat(middle).doesNotExist();
    assertThat(last).exists();
    assertThat(forms(1, 5).take(three, WeightForm.INT8, UNKNOWN).file()).exists();
    assertThat(kept()).hasSize(1);
  }

  @Test
  void whatAKilledProcessLeft_isTakenForNoForm_andLeavesAfterADay() throws IOException {
    Path left = Files.createDirectories(folder.resolve("cache").resolve("form-.part1"));
    Files.write(left.resolve("weights.bin"), new byte[10]);
    Files.setLastModifiedTime(left, FileTime.fromMillis(0));
    forms(PLENTY, 60).take(released(1), WeightForm.INT8, UNKNOWN);
    assertThat(left).exists();
    forms(PLENTY, 90_000).take(released(1), WeightForm.INT8, UNKNOWN);
    assertThat(left).doesNotExist();
  }

  @Test
  void formWithoutItsWeights_isMadeAgain() throws IOException {
    Path released = released(1);
    Path file = forms(PLENTY, 1).take(released, WeightForm.INT8, UNKNOWN).file();
    Files.delete(file.resolveSibling("weights.bin"));
    DeployedDecoder again = forms(PLENTY, 2).take(released, WeightForm.INT8, UNKNOWN);
    try (Session session = Session.open(again.file(), SessionOptions.defaults())) {
      assertThat(session.outputs()).hasSize(5);
    }
    assertThat(kept()).hasSize(1);
  }

  @Test
  void formThatAnotherProcessMadeMeanwhile_isTaken_andWhatIsGoneCountsNothing() throws IOException {
    Path place = Files.createDirectories(folder.resolve("place"));
    Path part = Files.createDirectories(folder.resolve("part"));
    Files.createFile(place.resolve("other"));
    assertThatThrownBy(() -> DeployForms.move(part, place)).isInstanceOf(IOException.class);
    Files.createFile(place.resolve("model.onnx"));
    assertThat(DeployForms.move(part, place)).isEqualTo(place);
    assertThat(Disk.size(folder.resolve("gone"))).isZero();
    assertThat(Disk.modified(folder.resolve("gone"))).isEmpty();
  }

  @Test
  void formWantedByManyAtOnce_isMadeForAll() {
    Path released = released(1);
    List<Path> files =
        IntStream.range(0, 6)
            .parallel()
            .mapToObj(i -> forms(1, i).take(released, WeightForm.INT8, UNKNOWN).file())
            .toList();
    assertThat(files).allMatch(Files::exists);
    assertThat(Set.copyOf(files)).hasSize(1);
  }

  @Test
  void folderThatCannotBeWritten_isTold() throws IOException {
    Path file = Files.createFile(folder.resolve("cache"));
    assertThat(file).exists();
    assertThatThrownBy(() -> forms(PLENTY, 1).take(released(1), WeightForm.INT8, UNKNOWN))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.FILE));
  }

  @Test
  void choice_isAmongFormsThatThisMachineComputes() {
    Model model = CachedDecoder.of(OnnxFile.read(released(1))).model();
    List<FormChoice.Tried> tried = FormChoice.measure(model, Load.ONE, 1);
    assertThat(tried).allMatch(each -> each.nanos() > 0);
    boolean exact = Cpu.current().multipliesBytesExactly();
    assertThat(tried.stream().map(FormChoice.Tried::form).toList())
        .isEqualTo(
            exact
                ? List.of(
                    WeightForm.INT8,
                    WeightForm.W8A8,
                    WeightForm.INT4_BLOCK32,
                    WeightForm.INT4_BLOCK128)
                : List.of(WeightForm.INT8, WeightForm.INT4_BLOCK32, WeightForm.INT4_BLOCK128));
    assertThat(FormChoice.choose(model, new Load(16, 0.9, 64), 1)).isNotEqualTo(WeightForm.FLOAT32);
    assertThatThrownBy(() -> new Load(0, 2, 1))
        .hasMessage(
            "load: 0 streams, 2.0 of the tokens in prompts, texts of 1 (expected: 1 to 1024, 0 to 1,"
                + " from 1)");
  }
}
