package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.Map;
import java.util.function.Function;

/**
 * Where Git LFS clients come in: the batch API and basic downloads, without HTTP.
 *
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md">Batch API</a>
 * @see <a href="https://github.com/git-lfs/git-lfs/blob/main/docs/api/basic-transfers.md">Basic
 *     transfers</a>
 */
public final class LfsDoor {
  /** The media type of requests and answers of the batch API. */
  public static final String MEDIA_TYPE = "application/vnd.git-lfs+json";

  /**
   * An answer of the batch API, whole, errors included.
   *
   * @param status the status that the LFS specification gives to it, such as 200 or 422
   * @param body JSON of type {@link #MEDIA_TYPE}, in UTF-8
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Answer(int status, byte[] body) {}

  private final Registry registry;

  /**
   * A door to a registry.
   *
   * @param registry where the models are; not closed by the door
   */
  public LfsDoor(Registry registry) {
    this.registry = registry;
  }

  /**
   * How a client gets a blob.
   *
   * @param href the absolute address
   * @param header the headers that it must send; a client sends no credentials of its own
   */
  public record Download(URI href, Map<String, String> header) {
    /** Copies the headers. */
    public Download {
      header = Map.copyOf(header);
    }
  }

  /**
   * Answers {@code POST <model>.git/info/lfs/objects/batch}. Reads no more of the body than its
   * limit.
   *
   * @param model the model's name
   * @param body the request's body; not closed
   * @param download how a client gets a blob of this model
   * @return the answer; a bad request and an unknown model are answers too
   * @throws LatheException BAD_REQUEST if the body cannot be read to its end; STORAGE_FAILED
   */
  public Answer batch(ModelName model, InputStream body, Function<Sha256, Download> download) {
    try {
      byte[] request = body.readNBytes(LfsBatch.LIMIT + 1);
      if (request.length > LfsBatch.LIMIT) {
        return error(413, "request (expected: at most " + LfsBatch.LIMIT + " bytes)");
      }
      Links links = Links.of(registry.require(model).folder());
      return new LfsBatch(links, download).answer(request);
    } catch (LatheException e) {
      if (e.code() == RegistryError.UNKNOWN_MODEL) {
        return error(404, String.valueOf(e.getMessage()));
      }
      throw e;
    } catch (IOException e) {
      throw new LatheException(RegistryError.BAD_REQUEST, "request: ended early", e);
    }
  }

  /**
   * An error in the LFS specification's form, for what the door does not answer itself.
   *
   * @param status the status
   * @param message what is wrong
   * @return the answer
   */
  public static Answer error(int status, String message) {
    return LfsBatch.error(status, message);
  }

  /**
   * Opens a blob for reading. Combine with {@link ByteRange} to answer a {@code Range} header.
   *
   * @param model the model's name
   * @param digest the blob's digest, as the client wrote it
   * @return the open blob; the caller closes it
   * @throws LatheException BAD_DIGEST if that is no digest; UNKNOWN_MODEL if there is no such
   *     model; UNKNOWN_OBJECT if the model has not received such a blob
   */
  public Blob open(ModelName model, String digest) {
    Sha256 parsed = Sha256.parse(digest);
    return Links.of(registry.require(model).folder()).open(parsed);
  }
}
