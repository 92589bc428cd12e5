package dev.lathe.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The processor that runs graphs, as far as choosing a form of a model for it needs.
 *
 * @param architecture its architecture, as Java names it
 * @param name what it calls itself; empty where not known
 * @param features names of its instruction sets as Linux writes them; empty where not known
 */
public record Cpu(String architecture, String name, Set<String> features) {
  private static final Path LINUX = Path.of("/proc/cpuinfo");

  /** One processor's part of the file is far shorter, however many there are. */
  private static final int MOST_LINES = 100;

  private static final Set<String> EXACT_BYTES =
      Set.of("avx_vnni", "avx512_vnni", "amx_int8", "asimddp", "i8mm");

  /** Copies the set. */
  public Cpu {
    features = Set.copyOf(features);
  }

  /**
   * The processor of this machine.
   *
   * @return what is known of it
   */
  public static Cpu current() {
    String architecture = System.getProperty("os.arch", "");
    if (Files.isReadable(LINUX)) {
      try (Stream<String> lines = Files.lines(LINUX)) {
        return of(architecture, lines.limit(MOST_LINES).toList());
      } catch (IOException | java.io.UncheckedIOException e) {
        return new Cpu(architecture, "", Set.of());
      }
    }
    return new Cpu(architecture, "", Set.of());
  }

  static Cpu of(String architecture, List<String> lines) {
    String name = value(lines, "model name");
    String flags = value(lines, "flags") + " " + value(lines, "Features");
    return new Cpu(architecture, name, Set.of(distinct(flags)));
  }

  private static String[] distinct(String flags) {
    return Stream.of(flags.strip().split("\\s+")).distinct().toArray(String[]::new);
  }

  private static String value(List<String> lines, String key) {
    for (String line : lines) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
        return line.substring(colon + 1).strip();
      }
    }
    return "";
  }

  /**
   * Whether products of bytes are summed without saturation on the way, so that weights and rows of
   * 8 bits may be multiplied. Processors of x86 without such instructions lose sums to saturation;
   * those of ARM do not.
   *
   * @return true if it is known to be so
   */
  public boolean multipliesBytesExactly() {
    return architecture.equals("aarch64") || features.stream().anyMatch(EXACT_BYTES::contains);
  }
}
