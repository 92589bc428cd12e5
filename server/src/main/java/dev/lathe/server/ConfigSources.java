package dev.lathe.server;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a server's configuration comes from; what comes later wins: standard values, the file, the
 * variables, the flags.
 *
 * @param file a YAML file; the empty path for none
 * @param variables the process's environment; only {@code LATHE_<SECTION>_<KEY>} is looked at
 * @param flags values by dotted key, such as {@code listen.port}
 */
public record ConfigSources(Path file, Map<String, String> variables, Map<String, String> flags) {
  /** Standard values only. */
  public static final ConfigSources NONE = new ConfigSources(Path.of(""), Map.of(), Map.of());

  /** Copies the maps. */
  public ConfigSources {
    variables = Map.copyOf(variables);
    flags = Map.copyOf(flags);
  }
}
