package dev.lathe.server.openai;

/**
 * Whether an answer comes in pieces.
 *
 * @param streams whether it does
 * @param usage whether the last piece says what it took
 */
record StreamWish(boolean streams, boolean usage) {
  /** Refuses pieces where only a whole answer can be given. */
  void requireWhole() {
    if (streams) {
      throw Fields.bad("stream", "true", "false: this answer is a line of a file");
    }
  }

  static StreamWish of(Fields body) {
    boolean streams = body.flag("stream");
    if (!body.has("stream_options")) {
      return new StreamWish(streams, false);
    }
    if (!streams) {
      throw Fields.bad("stream_options", "an object", "none unless stream is true");
    }
    Fields options = Fields.of(body.node("stream_options"), "stream_options");
    boolean usage = options.flag("include_usage");
    options.flag("include_obfuscation");
    options.flag("continuous_usage_stats");
    options.end();
    return new StreamWish(true, usage);
  }
}
