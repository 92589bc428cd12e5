package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {
  @TempDir Path folder;
  private Path root;
  private Registry registry;

  @BeforeEach
  void open() {
    root = folder.resolve("registry");
    registry = Registry.open(root);
  }

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void publishedRelease_comesBackAsItWas() throws IOException {
    VersionInfo version = registry.publish(DIGITS, Samples.release(1));

    assertThat(version.version()).isEqualTo("v1");
    assertThat(version.message()).isEqualTo("Train, seed 1");
    assertThat(version.metadata()).isEqualTo(Samples.metadata(0.901));
    assertThat(version.files())
        .extracting(VersionFile::path)
        .containsExactly(".gitattributes", "README.md", "lathe.yaml", "model.onnx", "recipe.yaml");
    Path real = registry.materialize(DIGITS, "v1");
    assertThat(real.resolve("model.onnx")).hasBinaryContent(Samples.graph(1, 50_000));
    assertThat(real.resolve("recipe.yaml")).hasContent("model: demo/digits\nseed: 1\n");
    assertThat(registry.show(DIGITS, "v1")).isEqualTo(version);
    assertThat(registry.models()).containsExactly(DIGITS);
  }

  @Test
  void log_tellsVersionsNewestFirst_andEveryNameFindsItsVersion() {
    registry.publish(DIGITS, Samples.release(1));
    registry.publish(DIGITS, Samples.release(2));
    VersionInfo third = registry.publish(DIGITS, Samples.release(3));
    registry.deploy(DIGITS, "v2", "prod");

    assertThat(registry.log(DIGITS))
        .extracting(VersionInfo::version)
        .containsExactly("v3", "v2", "v1");
    assertThat(registry.show(DIGITS, "latest")).isEqualTo(third);
    assertThat(registry.show(DIGITS, third.commit())).isEqualTo(third);
    assertThat(registry.show(DIGITS, third.commit().substring(0, 7))).isEqualTo(third);
    assertThat(registry.show(DIGITS, "prod").version()).isEqualTo("v2");
  }

  @Test
  void unknownNames_areNotFound() {
    ModelName other = ModelName.parse("demo/other");
    refused(() -> registry.log(other)).hasMessageContaining("demo/other");
    registry.publish(DIGITS, Samples.release(1));
    refused(() -> registry.show(DIGITS, "v2"))
        .hasMessageContaining("\"v2\"")
        .hasMessageContaining("v1");
    refused(() -> registry.show(DIGITS, "0123456789"));
    refused(() -> registry.show(DIGITS, "../../etc/passwd"));
    refused(() -> registry.deploy(DIGITS, "v2", "prod"));
    refused(() -> registry.history(DIGITS, "prod"));
    assertThat(registry.deployment(DIGITS, "prod")).isEmpty();
    assertThat(registry.deployment(other, "prod")).isEmpty();
  }

  @Test
  void deployments_areHistoryOfWhatWasLive() {
    registry.publish(DIGITS, Samples.release(1));
    registry.publish(DIGITS, Samples.release(2));
    registry.deploy(DIGITS, "v1", "prod");
    registry.deploy(DIGITS, "latest", "prod");
    Deployment unchanged = registry.deploy(DIGITS, "v2", "prod");
    Deployment back = registry.rollback(DIGITS, "prod");
    registry.deploy(DIGITS, "v2", "staging");

    assertThat(back.live()).isEqualTo("v1");
    assertThat(back.commit()).isNotEqualTo(unchanged.commit());
    assertThat(registry.history(DIGITS, "prod"))
        .extracting(DeploymentChange::from, DeploymentChange::to, DeploymentChange::message)
        .containsExactly(
            tuple("v2", "v1", "Deploy to prod: v2 → v1"),
            tuple("v1", "v2", "Deploy to prod: v1 → v2"),
            tuple("", "v1", "Deploy to prod: v1"));
    assertThat(registry.deployments(DIGITS))
        .extracting(Deployment::environment, Deployment::live)
        .containsExactly(tuple("prod", "v1"), tuple("staging", "v2"));
  }

  @Test
  void trial_isPromotedOrTakenBack_andTheHistoryTellsIt() {
    for (int i = 1; i <= 3; i++) {
      registry.publish(DIGITS, Samples.release(i));
    }
    registry.deploy(DIGITS, "v1", "prod");
    assertThatThrownBy(() -> registry.change(DIGITS, "prod", Promotion.OF_CANARY))
        .hasMessageContaining("on trial beside v1: nothing (expected: canary)");
    refused(() -> registry.change(DIGITS, "prod", canary("v9"))).hasMessageContaining("v9");

    registry.change(DIGITS, "prod", canary("v2"));
    Deployment back = registry.rollback(DIGITS, "prod");
    assertThat(back.plan()).isEqualTo(DeploymentPlan.of("v1"));
    registry.change(DIGITS, "prod", canary("v3").because("Because it is better"));
    Deployment promoted = registry.change(DIGITS, "prod", Promotion.OF_CANARY);
    assertThat(promoted.plan()).isEqualTo(DeploymentPlan.of("v3"));
    assertThat(registry.rollback(DIGITS, "prod").live()).isEqualTo("v1");
    assertThat(registry.history(DIGITS, "prod"))
        .extracting(DeploymentChange::message)
        .containsExactly(
            "Deploy to prod: v3 → v1",
            "Deploy to prod: v1 → v3",
            "Because it is better",
            "Change prod: no canary",
            "Change prod: canary v2 (5 %)",
            "Deploy to prod: v1");
  }

  @Test
  void rollbackBesideAnotherChange_goesBackToWhatThatOneReplaced() {
    for (int i = 1; i <= 3; i++) {
      registry.publish(DIGITS, Samples.release(i));
    }
    registry.deploy(DIGITS, "v1", "prod");
    registry.deploy(DIGITS, "v2", "prod");
    Thread back = new Thread(() -> registry.rollback(DIGITS, "prod"));
    registry.change(
        DIGITS,
        "prod",
        before -> {
          back.start();
          while (back.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
          }
          return PlanChange.live("v3").apply(before);
        });
    assertThatCode(back::join).doesNotThrowAnyException();
    assertThat(registry.deployment(DIGITS, "prod").orElseThrow().live()).isEqualTo("v2");
  }

  private static PlanChange canary(String version) {
    return before ->
        before
            .orElseThrow()
            .withCanary(new DeploymentPlan.Canary(version, Optional.of(5.0), Optional.empty()));
  }

  @Test
  void firstDeployment_cannotBeRolledBack() {
    registry.publish(DIGITS, Samples.release(1));
    registry.deploy(DIGITS, "v1", "prod");
    refused(() -> registry.rollback(DIGITS, "prod")).hasMessageContaining("nothing was live");
  }

  @Test
  void anotherRegistryOnTheSameFolder_seesEachChangeAtOnce() {
    try (Registry other = Registry.open(root)) {
      for (int i = 1; i <= 20; i++) {
        registry.publish(DIGITS, Samples.release(i));
        assertThat(other.log(DIGITS)).hasSize(i);
        registry.deploy(DIGITS, "v" + i, "prod");
        assertThat(other.deployment(DIGITS, "prod").orElseThrow().live()).isEqualTo("v" + i);
      }
    }
  }

  @Test
  void materializedVersion_isBuiltOnce_andAgainWhereItIsSpoiled() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Path first = registry.materialize(DIGITS, "v1");
    assertThat(registry.materialize(DIGITS, "latest")).isEqualTo(first);
    assertThat(Files.isWritable(first.resolve("model.onnx")) && !isRoot()).isFalse();

    Files.delete(first.resolve("model.onnx"));
    Path again = registry.materialize(DIGITS, "v1");
    assertThat(again.resolve("model.onnx")).hasBinaryContent(Samples.graph(1, 50_000));
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  @Test
  void materializedLargeFiles_takeNoSecondSpace() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Path real = registry.materialize(DIGITS, "v1").resolve("model.onnx");
    Path blob = BlobStore.locate(root.resolve("blobs"), Sha256.of(Samples.graph(1, 50_000)));
    assertThat(Files.readAttributes(real, BasicFileAttributes.class).fileKey())
        .isEqualTo(Files.readAttributes(blob, BasicFileAttributes.class).fileKey());
  }

  @Test
  void checkout_writesOwnCopies_andOnlyIntoAnEmptyFolder() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Path target = folder.resolve("copy");
    registry.checkout(DIGITS, "v1", target);
    assertThat(target.resolve("model.onnx")).hasBinaryContent(Samples.graph(1, 50_000));

    Files.write(target.resolve("model.onnx"), new byte[] {1});
    assertThat(registry.materialize(DIGITS, "v1").resolve("model.onnx"))
        .hasBinaryContent(Samples.graph(1, 50_000));
    assertThatThrownBy(() -> registry.checkout(DIGITS, "v1", target))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.NOT_EMPTY);
  }

  @Test
  void damagedBlob_isRefusedWithFileAndBothDigests() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Sha256 expected = Sha256.of(Samples.graph(1, 50_000));
    Path blob = BlobStore.locate(root.resolve("blobs"), expected);
    Sha256 found = flipOneBit(blob);

    assertCorrupt(() -> registry.checkout(DIGITS, "v1", folder.resolve("copy")));
    assertThatThrownBy(() -> registry.materialize(DIGITS, "v1"))
        .hasMessageContainingAll(
            DIGITS + "@v1", "model.onnx", "SHA-256 " + found, "expected: " + expected)
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> {
              assertThat(e.code()).isEqualTo(RegistryError.CORRUPT);
              assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE);
            });
    RegistryOptions quick =
        RegistryOptions.defaults().withVerification(RegistryOptions.Verification.SIZE);
    try (Registry careless = Registry.open(root, quick)) {
      assertThat(careless.materialize(DIGITS, "v1").resolve("model.onnx")).exists();
    }
  }

  @Test
  void blobDamagedAfterItsFirstUse_isRefused_andTakenAgainWhenItIsMended() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    registry.publish(DIGITS, Samples.release(2));
    Path real = registry.materialize(DIGITS, "v1");
    Path blob = BlobStore.locate(root.resolve("blobs"), Sha256.of(Samples.graph(1, 50_000)));
    flipOneBit(blob);

    assertCorrupt(() -> registry.materialize(DIGITS, "v1"));
    assertThat(registry.materialize(DIGITS, "v2").resolve("model.onnx")).exists();
    try (Registry other = Registry.open(root)) {
      assertCorrupt(() -> other.materialize(DIGITS, "v1"));
    }
    flipOneBit(blob);
    assertThat(registry.materialize(DIGITS, "v1")).isEqualTo(real);
  }

  @Test
  void damagedCopyOfASoundBlob_isMadeAgain() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Path real = registry.materialize(DIGITS, "v1").resolve("model.onnx");
    Files.delete(real);
    Files.write(real, new byte[50_000]);
    assertThat(registry.materialize(DIGITS, "v1").resolve("model.onnx"))
        .hasBinaryContent(Samples.graph(1, 50_000));
  }

  @Test
  void digest_isReadAgainOnlyWhereAFileHasChanged() throws IOException {
    Digests digests = new Digests();
    Path file = Files.write(folder.resolve("file"), new byte[] {1, 2, 3});
    FileTime time = Files.getLastModifiedTime(file);
    Sha256 first = digests.of(file);

    Files.write(file, new byte[] {1, 2, 4});
    Files.setLastModifiedTime(file, time);
    assertThat(digests.of(file)).isEqualTo(first);
    Files.setLastModifiedTime(file, FileTime.from(time.toInstant().plusSeconds(1)));
    assertThat(digests.of(file)).isEqualTo(Sha256.of(new byte[] {1, 2, 4}));
  }

  /** Damages a file, or mends it the second time; gives the digest of what is there now. */
  private static Sha256 flipOneBit(Path file) throws IOException {
    FileTime before = Files.getLastModifiedTime(file);
    file.toFile().setWritable(true);
    byte[] bytes = Files.readAllBytes(file);
    bytes[12_345] ^= 1;
    Files.write(file, bytes);
    // File systems with coarse clocks would else show no change so soon.
    Files.setLastModifiedTime(file, FileTime.from(before.toInstant().plusSeconds(2)));
    return Sha256.of(bytes);
  }

  @Test
  void truncatedBlob_isRefusedByMaterialize() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Path blob = BlobStore.locate(root.resolve("blobs"), Sha256.of(Samples.graph(1, 50_000)));
    blob.toFile().setWritable(true);
    Files.write(blob, new byte[100]);
    assertCorrupt(() -> registry.materialize(DIGITS, "v1"));
  }

  @Test
  void sameGraphInTwoModels_isStoredOnce_andFilesOfAnySizeComeBack() throws IOException {
    ModelName other = ModelName.parse("demo/other");
    byte[] note = Samples.graph(9, (1 << 20) + 1);
    registry.publish(DIGITS, Samples.release(1));
    registry.publish(other, Samples.release(1).with("notes/big.txt", Content.of(note)));
    try (Stream<Path> blobs = Files.walk(root.resolve("blobs")).filter(Files::isRegularFile)) {
      assertThat(blobs).hasSize(2);
    }
    Path real = registry.materialize(other, "v1");
    assertThat(real.resolve("notes/big.txt")).hasBinaryContent(note);
    assertThat(real.resolve(".gitattributes")).content().contains("/notes/big.txt filter=lfs");
  }

  @Test
  void closedRegistry_saysSo() {
    registry.close();
    assertThatThrownBy(registry::models).hasMessageContaining("closed");
  }

  @Test
  void foldersOfOtherKinds_areNoModels() throws IOException {
    registry.publish(DIGITS, Samples.release(1));
    Files.createDirectories(root.resolve("git/demo/half.git"));
    Files.createDirectories(root.resolve("git/demo/.hidden.git"));
    Files.writeString(root.resolve("git/demo/.hidden.git/HEAD"), "x");
    Files.writeString(root.resolve("git/stray.git"), "x");
    assertThat(registry.models()).isEqualTo(List.of(DIGITS));
  }

  private static void assertCorrupt(ThrowingCallable call) {
    assertThatThrownBy(call)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.CORRUPT);
  }

  private static AbstractThrowableAssert<?, ? extends Throwable> refused(ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOf(LatheException.class)
        .matches(e -> ((LatheException) e).kind() == ErrorKind.NOT_FOUND);
  }
}
