package dev.lathe.registry;

import dev.lathe.ir.LatheException;

/**
 * The two services of Git's smart HTTP protocol.
 *
 * @see <a href="https://git-scm.com/docs/http-protocol">gitprotocol-http</a>
 */
public enum GitService {
  /** Clone and fetch. */
  UPLOAD_PACK("git-upload-pack"),
  /** Push. */
  RECEIVE_PACK("git-receive-pack");

  private final String wireName;

  GitService(String wireName) {
    this.wireName = wireName;
  }

  /**
   * The service with a wire name.
   *
   * @param name {@code git-upload-pack} or {@code git-receive-pack}
   * @return the service
   * @throws LatheException BAD_REQUEST if it is another name
   */
  public static GitService parse(String name) {
    for (GitService service : values()) {
      if (service.wireName.equals(name)) {
        return service;
      }
    }
    throw new LatheException(
        RegistryError.BAD_REQUEST,
        "Git service "
            + Names.quote(name)
            + " (expected: git-upload-pack or git-receive-pack; this server speaks smart HTTP)");
  }

  /**
   * The name on the wire.
   *
   * @return {@code git-upload-pack} or {@code git-receive-pack}
   */
  public String wireName() {
    return wireName;
  }

  /**
   * The media type of the answer to {@code GET info/refs?service=}.
   *
   * @return the media type
   */
  public String advertisementType() {
    return "application/x-" + wireName + "-advertisement";
  }

  /**
   * The media type of a request to the service.
   *
   * @return the media type
   */
  public String requestType() {
    return "application/x-" + wireName + "-request";
  }

  /**
   * The media type of the service's answer.
   *
   * @return the media type
   */
  public String resultType() {
    return "application/x-" + wireName + "-result";
  }
}
