package dev.lathe.registry;

import dev.lathe.ir.LatheException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Where {@code git clone} and {@code git fetch} come in: Git's smart HTTP protocol without HTTP.
 * Whoever speaks HTTP sets the media types of {@link GitService}, {@code Cache-Control: no-cache},
 * unpacks gzip bodies, and passes the request header {@code Git-Protocol} on.
 *
 * @see <a href="https://git-scm.com/docs/http-protocol">gitprotocol-http</a>
 */
public final class GitDoor {
  /**
   * A door to a registry.
   *
   * @param registry where the models are; not closed by the door
   */
  public GitDoor(Registry registry) {}

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
    throw new UnsupportedOperationException();
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
    throw new UnsupportedOperationException();
  }

  /**
   * Answers {@code POST <model>.git/git-receive-pack}: refuses.
   *
   * @param model the model's name
   * @throws LatheException PUSH_REFUSED, always; its message is for the person who pushed, so send
   *     it as {@code text/plain}, which Git shows
   */
  public void receivePack(ModelName model) {
    throw new UnsupportedOperationException();
  }
}
