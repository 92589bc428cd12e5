package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A repository into which somebody wrote by other ways what no release may hold. */
class HostileRepositoryTest {
  @TempDir Path folder;
  private Registry registry;
  private Path repository;
  private GitClient git;

  @BeforeEach
  void open() {
    git = new GitClient(folder);
    registry = Registry.open(folder.resolve("registry"));
    registry.publish(DIGITS, Samples.release(1));
    repository = folder.resolve("registry/git/demo/digits.git");
  }

  @AfterEach
  void close() {
    registry.close();
  }

  private String object(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("content"), content);
    return git.in(repository, "hash-object", "-w", file.toString()).strip();
  }

  /** Tags a commit as v2 that holds one entry. */
  private void plant(String mode, String name, byte[] content) throws Exception {
    String id = mode.equals("160000") ? "1".repeat(40) : object(content);
    String type = mode.equals("160000") ? "commit" : "blob";
    String listing = mode + " " + type + " " + id + "\t" + name + "\0";
    Path input = Files.writeString(folder.resolve("listing"), listing);
    String tree = git.feed(input, "-C", repository.toString(), "mktree", "-z", "--missing").strip();
    String commit =
        git.in(
                repository,
                "-c",
                "user.name=x",
                "-c",
                "user.email=x",
                "commit-tree",
                tree,
                "-p",
                "main",
                "-m",
                "evil")
            .strip();
    git.in(repository, "update-ref", "refs/tags/v2", commit);
  }

  private void refused(RegistryError error) {
    assertThatThrownBy(() -> registry.materialize(DIGITS, "v2"))
        .isInstanceOf(LatheException.class)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(error);
    assertThatThrownBy(() -> registry.checkout(DIGITS, "v2", folder.resolve("out")))
        .isInstanceOf(LatheException.class);
    assertThat(registry.materialize(DIGITS, "v1").resolve("model.onnx")).exists();
  }

  @Test
  void symbolicLink_isRefused() throws Exception {
    plant("120000", "model.onnx", "/etc/passwd".getBytes(StandardCharsets.UTF_8));
    refused(RegistryError.CORRUPT);
  }

  @Test
  void submodule_isRefused() throws Exception {
    plant("160000", "sub", new byte[0]);
    refused(RegistryError.CORRUPT);
  }

  @Test
  void pathThatLeavesTheFolder_isRefused() throws Exception {
    plant("100644", "..", "x".getBytes(StandardCharsets.UTF_8));
    refused(RegistryError.BAD_PATH);
  }

  @Test
  void gitsOwnNames_areRefused() throws Exception {
    plant("100644", ".gitmodules", "x".getBytes(StandardCharsets.UTF_8));
    refused(RegistryError.BAD_PATH);
  }

  @Test
  void pointerToABlobOfAnotherModel_isNotFollowed() throws Exception {
    byte[] secret = Samples.graph(7, 50_000);
    registry.publish(
        ModelName.parse("demo/secret"),
        Release.of(Content.of(secret), Samples.metadata(1), "secret"));
    plant("100644", "model.onnx", new LfsPointer(Sha256.of(secret), 50_000).toBytes());
    refused(RegistryError.CORRUPT);
  }

  @Test
  void pointersInOtherForms_areRefused() throws Exception {
    String head = "version https://git-lfs.github.com/spec/v1\n";
    String oid = Sha256.of(new byte[0]).hex();
    for (String rest :
        new String[] {
          "oid sha256:../../../../etc/passwd\nsize 1\n",
          "oid sha256:" + oid + "\nsize -1\n",
          "oid sha256:" + oid + "\nsize 99999999999999999999\n",
          "oid sha256:" + oid + "\nsize 1",
          "size 1\noid sha256:" + oid + "\n",
          "oid md5:" + oid + "\nsize 1\n"
        }) {
      plant("100644", "model.onnx", (head + rest).getBytes(StandardCharsets.UTF_8));
      refused(RegistryError.CORRUPT);
    }
  }

  @Test
  void linkInTheBlobFolder_isNotFollowed() throws Exception {
    Sha256 digest = Sha256.of(Samples.graph(1, 50_000));
    Path link = BlobStore.locate(Layout.links(repository), digest);
    Path outside = Files.write(folder.resolve("outside"), new byte[50_000]);
    Files.delete(link);
    Files.createSymbolicLink(link, outside);
    assertThatThrownBy(() -> new LfsDoor(registry).open(DIGITS, digest.hex()))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.UNKNOWN_OBJECT);
    assertThatThrownBy(() -> registry.materialize(DIGITS, "v1")).hasMessageContaining("missing");
  }

  @Test
  void missingObject_isCorrupt_andSaysWhat() throws Exception {
    String tree = git.in(repository, "rev-parse", "main^{tree}").strip();
    Files.delete(repository.resolve("objects/" + tree.substring(0, 2) + "/" + tree.substring(2)));
    try (Registry other = Registry.open(folder.resolve("registry"))) {
      assertThatThrownBy(() -> other.log(DIGITS))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("demo/digits")
          .hasMessageContaining(tree);
    }
  }
}
