package dev.lathe.server.console;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The files that pages load, each by its name in the jar. */
enum Asset {
  STYLE("console.css", "text/css; charset=utf-8"),
  TIMES("times.js", "text/javascript; charset=utf-8"),
  COPY("copy.js", "text/javascript; charset=utf-8"),
  CHART("chart.js", "text/javascript; charset=utf-8"),
  JOB("job.js", "text/javascript; charset=utf-8"),
  DRAW("draw.js", "text/javascript; charset=utf-8"),
  ICON("icon.svg", "image/svg+xml");

  private final String file;
  private final String mediaType;
  private final byte[] content;

  Asset(String file, String mediaType) {
    this.file = file;
    this.mediaType = mediaType;
    this.content = read(file);
  }

  String file() {
    return file;
  }

  String mediaType() {
    return mediaType;
  }

  byte[] content() {
    return content.clone();
  }

  private static byte[] read(String file) {
    try (InputStream in = Asset.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
