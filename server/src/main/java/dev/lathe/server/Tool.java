package dev.lathe.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** This program's name and version, as it signs what it makes. */
public final class Tool {
  /** The version, for example {@code 0.1.0}. */
  public static final String VERSION = version();

  /** Name and version, for example {@code lathe 0.1.0}. */
  public static final String NAME = "lathe " + VERSION;

  private Tool() {}

  private static String version() {
    Properties properties = new Properties();
    try (InputStream in = Tool.class.getResourceAsStream("tool.properties")) {
      if (in == null) {
        throw new IllegalStateException("tool.properties is not on the class path");
      }
      properties.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version");
  }
}
