package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One request of the batch API and its answer.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md">Batch API</a>
 */
final class LfsBatch {
  /** The largest request that is read. */
  static final int LIMIT = 1 << 20;

  private static final int MOST_OBJECTS = 1_000;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Links links;
  private final Function<Sha256, LfsDoor.Download> download;

  LfsBatch(Links links, Function<Sha256, LfsDoor.Download> download) {
    this.links = links;
    this.download = download;
  }

  static LfsDoor.Answer error(int status, String message) {
    ObjectNode body = JSON.createObjectNode().put("message", message);
    return new LfsDoor.Answer(status, JSON.writeValueAsBytes(body));
  }

  LfsDoor.Answer answer(byte[] request) {
    JsonNode root;
    try {
      root = JSON.readTree(request);
    } catch (JacksonException e) {
      return error(422, JsonFault.describe(e, "body"));
    }
    return refusal(root).orElseGet(() -> objects(root.get("objects")));
  }

  /** What is wrong with a request as a whole, if anything is. */
  private static Optional<LfsDoor.Answer> refusal(JsonNode root) {
    String operation = root.path("operation").asString("");
    String algorithm = root.path("hash_algo").asString("sha256");
    JsonNode objects = root.path("objects");
    if (operation.equals("upload")) {
      return Optional.of(error(403, "uploads are not offered: this server only gives out models"));
    }
    if (!operation.equals("download")) {
      return Optional.of(
          error(422, "operation " + Names.quote(operation) + " (expected: download)"));
    }
    // Some clients spell the algorithm with an underscore.
    if (!algorithm.equals("sha256") && !algorithm.equals("sha_256")) {
      return Optional.of(error(409, "hash_algo " + Names.quote(algorithm) + " (expected: sha256)"));
    }
    if (!offersBasic(root.path("transfers"))) {
      return Optional.of(error(422, "transfers (expected: basic among them)"));
    }
    if (!objects.isArray()) {
      return Optional.of(error(422, "objects (expected: a list)"));
    }
    if (objects.size() > MOST_OBJECTS) {
      return Optional.of(
          error(413, objects.size() + " objects (expected: at most " + MOST_OBJECTS + ")"));
    }
    return Optional.empty();
  }

  private static boolean offersBasic(JsonNode transfers) {
    if (transfers.isMissingNode() || transfers.isNull() || transfers.isEmpty()) {
      return true;
    }
    return transfers.valueStream().anyMatch(transfer -> transfer.asString("").equals("basic"));
  }

  private LfsDoor.Answer objects(JsonNode requested) {
    ObjectNode body = JSON.createObjectNode().put("transfer", "basic").put("hash_algo", "sha256");
    ArrayNode objects = body.putArray("objects");
    requested.forEach(object -> objects.add(object(object)));
    return new LfsDoor.Answer(200, JSON.writeValueAsBytes(body));
  }

  private ObjectNode object(JsonNode requested) {
    String oid = requested.path("oid").asString("");
    JsonNode size = requested.path("size");
    ObjectNode object = JSON.createObjectNode().put("oid", oid);
    object.put("size", size.isIntegralNumber() ? size.asLong(0) : 0);
    Sha256 digest;
    try {
      digest = Sha256.parse(oid);
    } catch (LatheException e) {
      return failed(object, 422, e.getMessage());
    }
    if (!size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
      return failed(object, 422, "size " + Names.quote(size.toString()) + " (expected: bytes)");
    }
    Optional<Long> real = links.size(digest);
    if (real.isEmpty()) {
      return failed(object, 404, "object " + digest + ": not in this model");
    }
    if (real.get() != size.asLong()) {
      return failed(object, 422, "size " + size.asLong() + " (expected: " + real.get() + ")");
    }
    object.put("authenticated", true);
    LfsDoor.Download how = download.apply(digest);
    ObjectNode action = object.putObject("actions").putObject("download");
    action.put("href", how.href().toString());
    if (!how.header().isEmpty()) {
      ObjectNode header = action.putObject("header");
      how.header().forEach(header::put);
    }
    return object;
  }

  private static ObjectNode failed(ObjectNode object, int code, String message) {
    object.putObject("error").put("code", code).put("message", message);
    return object;
  }
}
