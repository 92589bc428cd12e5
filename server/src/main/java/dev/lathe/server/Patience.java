package dev.lathe.server;

import dev.lathe.server.config.Settings;
import java.time.Duration;

/**
 * How long a client may take to say what it wants: keys of section {@code limits}.
 *
 * @param header for a request's first line and headers, and for a connection's handshake
 * @param body between two parts of a body
 * @param idle between two requests
 * @param maxHeaderBytes how large a request's headers may be together
 */
public record Patience(Duration header, Duration body, Duration idle, int maxHeaderBytes) {
  static Patience of(Settings section) {
    return new Patience(
        section.span("header_timeout"),
        section.span("body_timeout"),
        section.span("idle_timeout"),
        section.small("max_headers"));
  }
}
