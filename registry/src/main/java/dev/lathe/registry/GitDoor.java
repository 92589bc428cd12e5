package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.FileNotFoundException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.util.List;
import org.eclipse.jgit.errors.CorruptObjectException;
import org.eclipse.jgit.errors.MissingObjectException;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.storage.pack.PackConfig;
import org.eclipse.jgit.transport.PacketLineOut;
import org.eclipse.jgit.transport.RefAdvertiser;
import org.eclipse.jgit.transport.UploadPack;
import org.eclipse.jgit.transport.UploadPackInternalServerErrorException;

/**
 * Where {@code git clone} and {@code git fetch} come in: Git's smart HTTP protocol without HTTP.
 * Whoever speaks HTTP sets the media types of {@link GitService}, {@code Cache-Control: no-cache},
 * unpacks gzip bodies, and passes the request header {@code Git-Protocol} on.
 *
 * @see <a href="https://git-scm.com/docs/http-protocol">gitprotocol-http</a>
 */
public final class GitDoor {
  /** The largest request to upload-pack: what a client has and wants, in 50 bytes each. */
  private static final long LARGEST_REQUEST = 16L << 20;

  private static final int LONGEST_PROTOCOL = 256;

  private final Registry registry;

  /**
   * A door to a registry.
   *
   * @param registry where the models are; not closed by the door
   */
  public GitDoor(Registry registry) {
    this.registry = registry;
  }

  /**
   * Answers {@code GET <model>.git/info/refs?service=<service>}. Nothing is written before every
   * check has passed.
   *
   * @param model the model's name
   * @param service the service asked for
   * @param protocol the header {@code Git-Protocol}; empty if there is none
   * @param out where the answer's body goes; not closed
   * @throws LatheException UNKNOWN_MODEL if there is no such model; PUSH_REFUSED for RECEIVE_PACK
   */
  public void advertise(ModelName model, GitService service, String protocol, OutputStream out) {
    Repository git = registry.require(model).git();
    if (service == GitService.RECEIVE_PACK) {
      throw refusePush(model);
    }
    try (UploadPack upload = open(git, protocol);
        RevWalk _ = upload.getRevWalk()) {
      upload.sendAdvertisedRefs(
          new RefAdvertiser.PacketLineOutRefAdvertiser(new PacketLineOut(out)), service.wireName());
    } catch (IOException e) {
      throw new LatheException(
          RegistryError.STORAGE_FAILED, "advertising " + model + ": " + e.getMessage(), e);
    }
  }

  /**
   * Answers {@code POST <model>.git/git-upload-pack}.
   *
   * @param model the model's name
   * @param protocol the header {@code Git-Protocol}; empty if there is none
   * @param in the request's body, unpacked; not closed
   * @param out where the answer's body goes; not closed
   * @throws LatheException UNKNOWN_MODEL if there is no such model; BAD_REQUEST if the request is
   *     not Git's; TOO_LARGE if it is beyond a limit
   */
  public void uploadPack(ModelName model, String protocol, InputStream in, OutputStream out) {
    Repository git = registry.require(model).git();
    LimitedInput limited = new LimitedInput(in, LARGEST_REQUEST);
    try (UploadPack upload = open(git, protocol)) {
      upload.upload(limited, out, null);
    } catch (IOException | RuntimeException e) {
      throw failure(model, limited, e);
    }
  }

  /**
   * Answers {@code POST <model>.git/git-receive-pack}: refuses.
   *
   * @param model the model's name
   * @throws LatheException PUSH_REFUSED, always; its message is for the person who pushed, so send
   *     it as {@code text/plain}, which Git shows
   */
  public void receivePack(ModelName model) {
    registry.require(model);
    throw refusePush(model);
  }

  private static UploadPack open(Repository git, String protocol) {
    UploadPack upload = new UploadPack(git);
    upload.setBiDirectionalPipe(false);
    if (!protocol.isEmpty() && protocol.length() <= LONGEST_PROTOCOL) {
      upload.setExtraParameters(List.of(protocol.split(":")));
    }
    PackConfig packs = new PackConfig(git);
    packs.setThreads(1);
    upload.setPackConfig(packs);
    return upload;
  }

  /** What went wrong; a client that still listens was told so in Git's own way. */
  private static LatheException failure(ModelName model, LimitedInput in, Exception e) {
    if (in.isExceeded()) {
      return new LatheException(
          RegistryError.TOO_LARGE,
          "request to git-upload-pack (expected: at most " + LARGEST_REQUEST + " bytes)",
          e);
    }
    Throwable cause = e instanceof UploadPackInternalServerErrorException ? e.getCause() : e;
    boolean ours =
        cause instanceof MissingObjectException
            || cause instanceof CorruptObjectException
            || cause instanceof FileSystemException
            || cause instanceof FileNotFoundException
            || !(cause instanceof IOException);
    return new LatheException(
        ours ? RegistryError.STORAGE_FAILED : RegistryError.BAD_REQUEST,
        "git-upload-pack of " + model + ": " + (ours ? cause : cause.getMessage()),
        e);
  }

  private static LatheException refusePush(ModelName model) {
    return new LatheException(
        RegistryError.PUSH_REFUSED,
        "pushing to "
            + model
            + " is not offered; publish a version with \"lathe train\" or through the API");
  }

  /** A stream that ends with an error after so many bytes. */
  private static final class LimitedInput extends FilterInputStream {
    private long left;
    private boolean exceeded;

    LimitedInput(InputStream in, long limit) {
      super(in);
      left = limit;
    }

    boolean isExceeded() {
      return exceeded;
    }

    @Override
    public int read() throws IOException {
      int read = super.read();
      count(read < 0 ? 0 : 1);
      return read;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = super.read(buffer, offset, length);
      count(Math.max(read, 0));
      return read;
    }

    @Override
    public long skip(long count) throws IOException {
      long skipped = super.skip(count);
      count(skipped);
      return skipped;
    }

    private void count(long read) throws IOException {
      left -= read;
      if (left < 0) {
        exceeded = true;
        throw new IOException("the request is too large");
      }
    }
  }
}
