package dev.lathe.registry;

import static dev.lathe.registry.Samples.DIGITS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The doors, entered by unmodified clients and by hostile ones. */
class DoorsTest {
  private static final byte[] GRAPH = Samples.graph(2, 50_000);

  @TempDir Path folder;
  private Registry registry;
  private DoorServer server;

  @BeforeEach
  void open() {
    registry = Registry.open(folder.resolve("registry"));
    registry.publish(DIGITS, Samples.release(1));
    registry.publish(DIGITS, Samples.release(2));
    registry.deploy(DIGITS, "v1", "prod");
    server = new DoorServer(registry);
  }

  @AfterEach
  void close() {
    server.close();
    registry.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1", "2"})
  void clone_worksInEveryProtocolVersion(String version) {
    GitClient git = new GitClient(folder);
    Path clone = folder.resolve("clone");
    String address = server.repository(DIGITS).toString();
    git.run("-c", "protocol.version=" + version, "clone", "-q", address, clone.toString());
    assertThat(git.in(clone, "log", "--format=%s")).isEqualTo("Train, seed 2\nTrain, seed 1\n");
    assertThat(git.in(clone, "show", "origin/env/prod:deployment.yaml")).isEqualTo("live: v1\n");
  }

  @Test
  void cloneWithLfs_givesTheGraphByteForByte_andFetchBringsTheNextVersion() {
    GitClient git = new GitClient(folder).withLfs();
    Path clone = folder.resolve("clone");
    git.run("clone", "-q", server.repository(DIGITS).toString(), clone.toString());
    assertThat(clone.resolve("model.onnx")).hasBinaryContent(GRAPH);

    registry.publish(DIGITS, Samples.release(3));
    git.in(clone, "pull", "-q");
    assertThat(clone.resolve("model.onnx")).hasBinaryContent(Samples.graph(3, 50_000));
    assertThat(git.in(clone, "describe", "--tags")).isEqualTo("v3\n");
  }

  @Test
  void shallowAndPartialClones_work() {
    GitClient git = new GitClient(folder);
    String address = server.repository(DIGITS).toString();
    Path shallow = folder.resolve("shallow");
    git.run("clone", "-q", "--depth=1", "-b", "v1", address, shallow.toString());
    assertThat(git.in(shallow, "log", "--format=%s")).isEqualTo("Train, seed 1\n");
    Path partial = folder.resolve("partial");
    git.run("clone", "-q", "--filter=blob:none", "--no-checkout", address, partial.toString());
    assertThat(git.in(partial, "show", "v1:recipe.yaml")).contains("seed: 1");
  }

  @Test
  void push_isRefusedWithAReason() {
    GitClient git = new GitClient(folder);
    Path clone = folder.resolve("clone");
    git.run("clone", "-q", server.repository(DIGITS).toString(), clone.toString());
    assertThat(git.fails("-C", clone.toString(), "push", "origin", "HEAD:refs/heads/x"))
        .contains("pushing to demo/digits is not offered");
  }

  @Test
  void unknownModel_isNotFound() {
    GitClient git = new GitClient(folder);
    URI address = server.repository(ModelName.parse("demo/none"));
    assertThat(git.fails("clone", address.toString(), folder.resolve("x").toString()))
        .contains("not found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x", "0000", "0032want xyz\n0000", "ffff", "0009done\n", "\0\0\0\0"})
  void requestThatIsNotGits_isRefused(String body) {
    GitDoor door = new GitDoor(registry);
    InputStream in = new ByteArrayInputStream(body.getBytes(StandardCharsets.ISO_8859_1));
    for (String protocol : new String[] {"", "version=2", "version=99:::", "=".repeat(5000)}) {
      try {
        door.uploadPack(DIGITS, protocol, in, OutputStream.nullOutputStream());
      } catch (LatheException e) {
        assertThat(e.code()).isEqualTo(RegistryError.BAD_REQUEST);
      }
    }
  }

  @Test
  void endlessRequest_isCutOff() {
    GitDoor door = new GitDoor(registry);
    byte[] have = ("0032have " + "0123456789".repeat(4) + "\n").getBytes(StandardCharsets.US_ASCII);
    String want = "0032want " + registry.show(DIGITS, "v1").commit() + "\n0000";
    InputStream endless =
        new InputStream() {
          private final byte[] first = want.getBytes(StandardCharsets.US_ASCII);
          private long at;

          @Override
          public int read() {
            long position = at++;
            return position < first.length
                ? first[(int) position]
                : have[(int) ((position - first.length) % have.length)];
          }
        };
    assertThatThrownBy(() -> door.uploadPack(DIGITS, "", endless, OutputStream.nullOutputStream()))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.TOO_LARGE);
  }

  @Test
  void batch_answersEachObjectForItself() {
    String known = Sha256.of(GRAPH).hex();
    String unknown = Sha256.of(new byte[0]).hex();
    JsonNode answer =
        batch(
            200,
            """
            {"operation": "download", "transfers": ["lfs-standalone-file", "basic"],
             "ref": {"name": "main"}, "hash_algo": "sha_256",
             "objects": [{"oid": "%s", "size": 50000}, {"oid": "%s", "size": 0},
                         {"oid": "../../x", "size": 1}, {"oid": "%s", "size": 1},
                         {"oid": "%s", "size": -1}, 7, null]}
            """
                .formatted(known, unknown, known, known));
    assertThat(answer.path("transfer").asString()).isEqualTo("basic");
    JsonNode objects = answer.path("objects");
    assertThat(objects.get(0).at("/actions/download/href").asString()).endsWith(known);
    assertThat(objects.get(1).at("/error/code").asInt()).isEqualTo(404);
    for (int i = 2; i < 7; i++) {
      assertThat(objects.get(i).at("/error/code").asInt()).as("object %d", i).isEqualTo(422);
      assertThat(objects.get(i).has("actions")).isFalse();
    }
  }

  @Test
  void blobOfAnotherModel_isNotGivenOut() {
    ModelName other = ModelName.parse("demo/secret");
    byte[] secret = Samples.graph(99, 50_000);
    registry.publish(
        other, Release.of(Content.of(secret), Samples.metadata(1), "Not for everybody"));
    String oid = Sha256.of(secret).hex();
    JsonNode answer =
        batch(
            200,
            "{\"operation\":\"download\",\"objects\":[{\"oid\":\"" + oid + "\",\"size\":50000}]}");
    assertThat(answer.at("/objects/0/error/code").asInt()).isEqualTo(404);
    LfsDoor door = new LfsDoor(registry);
    assertThatThrownBy(() -> door.open(DIGITS, oid))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.UNKNOWN_OBJECT);
    door.open(other, oid).close();
  }

  @Test
  void badBatches_areAnsweredAsTheSpecificationSays() {
    batch(422, "{");
    batch(422, "[]");
    batch(422, "");
    batch(422, "{\"operation\": \"delete\", \"objects\": []}");
    batch(403, "{\"operation\": \"upload\", \"objects\": []}");
    batch(409, "{\"operation\": \"download\", \"hash_algo\": \"md5\", \"objects\": []}");
    batch(422, "{\"operation\": \"download\", \"transfers\": [\"tus\"], \"objects\": []}");
    batch(422, "{\"operation\": \"download\", \"objects\": {}}");
    batch(422, "[".repeat(100_000));
    String many = IntStream.range(0, 1001).mapToObj(i -> "1").collect(Collectors.joining(","));
    batch(413, "{\"operation\": \"download\", \"objects\": [" + many + "]}");
    batch(413, " ".repeat(LfsBatch.LIMIT + 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "..", "../../../HEAD", "ABCDEF", "%2e%2e", "0123456789abcdef/../x"})
  void hostileDigests_areRefused(String digest) {
    LfsDoor door = new LfsDoor(registry);
    assertThatThrownBy(() -> door.open(DIGITS, digest))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.BAD_DIGEST);
  }

  @Test
  void partOfABlob_isGiven() throws IOException {
    try (Blob blob = new LfsDoor(registry).open(DIGITS, Sha256.of(GRAPH).hex())) {
      ByteRange range = ByteRange.parse("bytes=49990-", blob.size());
      assertThat(range).isEqualTo(new ByteRange.Part(49_990, 49_999, 50_000));
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      blob.copyTo(49_990, 10, out);
      assertThat(out.toByteArray()).isEqualTo(Arrays.copyOfRange(GRAPH, 49_990, 50_000));
      assertThatThrownBy(() -> blob.copyTo(49_990, 11, OutputStream.nullOutputStream()))
          .hasMessageContaining("ends at byte 50000");
    }
  }

  private JsonNode batch(int status, String request) {
    LfsDoor.Answer answer =
        new LfsDoor(registry)
            .batch(
                DIGITS,
                new ByteArrayInputStream(request.getBytes(StandardCharsets.UTF_8)),
                digest -> new LfsDoor.Download(URI.create("http://127.0.0.1/" + digest), Map.of()));
    assertThat(answer.status())
        .as(request.substring(0, Math.min(80, request.length())))
        .isEqualTo(status);
    JsonNode body = JsonMapper.shared().readTree(answer.body());
    assertThat(status == 200 || body.path("message").isString()).isTrue();
    return body;
  }
}
