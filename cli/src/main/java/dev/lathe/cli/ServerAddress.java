package dev.lathe.cli;

import java.net.URI;
import java.net.URISyntaxException;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Makes addresses of servers of what was typed; {@code http://} may be left out. */
final class ServerAddress implements ITypeConverter<URI> {
  @Override
  public URI convert(String text) {
    try {
      URI server = new URI(text.contains("://") ? text : "http://" + text);
      if (server.getHost() != null && server.getScheme().matches("https?")) {
        return server;
      }
      throw refused(text);
    } catch (URISyntaxException e) {
      throw refused(text);
    }
  }

  private static TypeConversionException refused(String text) {
    return new TypeConversionException(
        "\"" + text + "\" (expected: an address such as http://127.0.0.1:8080)");
  }
}
