package dev.lathe.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** The log: a file that appears when there is something to say, and the terminal if asked for. */
final class Logs extends Handler {
  private static final long MOST_BYTES = 8L << 20;
  private static final String FORMAT = "%1$tFT%1$tT.%1$tL%1$tz %4$s %3$s: %5$s%6$s%n";

  private final Path file;
  private boolean lost;

  private Logs(Path file) {
    this.file = file;
    setLevel(Level.INFO);
    setFormatter(new SimpleFormatter());
  }

  /** Where the log of this place is. */
  static Path file(Place place) {
    Path folder =
        place.server() == null ? place.data() : Path.of(System.getProperty("java.io.tmpdir"));
    return folder.resolve("lathe.log").toAbsolutePath().normalize();
  }

  /** Sends what this process logs to the place's file, and to the terminal if it is verbose. */
  static void install(Place place) {
    System.setProperty("java.util.logging.SimpleFormatter.format", FORMAT);
    Logger root = Logger.getLogger("");
    for (Handler handler : root.getHandlers()) {
      root.removeHandler(handler);
    }
    root.addHandler(new Logs(file(place)));
    if (place.verbose()) {
      root.addHandler(new ConsoleHandler());
    }
  }

  @Override
  public synchronized void publish(LogRecord entry) {
    if (!isLoggable(entry)) {
      return;
    }
    try {
      Files.createDirectories(file.getParent());
      if (Files.exists(file) && Files.size(file) > MOST_BYTES) {
        Path old = file.resolveSibling(file.getFileName() + ".1");
        Files.move(file, old, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.writeString(
          file, getFormatter().format(entry), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      if (!lost) {
        lost = true;
        System.err.println("lathe: the log " + file + " cannot be written: " + e.getMessage());
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
