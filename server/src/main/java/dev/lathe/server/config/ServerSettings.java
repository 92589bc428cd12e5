package dev.lathe.server.config;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.server.ConfigSources;
import dev.lathe.server.config.ConfigNode.Mapping;
import dev.lathe.server.config.ConfigNode.Scalar;
import dev.lathe.server.config.ConfigNode.Where;
import dev.lathe.server.config.Form.Fields;
import dev.lathe.server.config.Form.Key;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Lays what was given over the standard values: the file, then the variables, then the flags. */
public final class ServerSettings {
  private static final String PREFIX = "LATHE_";
  private static final Path HERE = Path.of("").toAbsolutePath();

  private ServerSettings() {}

  /**
   * Reads all of them.
   *
   * @param sources where a server's configuration comes from
   * @return the configuration, each key with its value or its standard value
   * @throws LatheException BAD_CONFIGURATION that says where and what is expected, for an unknown
   *     key or a value that is none
   */
  public static Settings read(ConfigSources sources) {
    boolean none = sources.file().toString().isEmpty();
    Mapping root =
        none
            ? new Mapping(new Where("standard values", HERE), Map.of())
            : ConfigText.read(sources.file());
    for (Map.Entry<String, String> variable : new TreeMap<>(sources.variables()).entrySet()) {
      root = overlaid(root, variable.getKey(), variable.getValue());
    }
    for (Map.Entry<String, String> flag : sources.flags().entrySet()) {
      List<String> path = List.of(flag.getKey().split("\\.", -1));
      root = root.with(path, new Scalar(new Where("command line", HERE), flag.getValue()));
    }
    return ConfigReader.read(root, ServerForm.SERVER, "");
  }

  private static Mapping overlaid(Mapping root, String variable, String value) {
    for (Key section : ServerForm.SERVER.keys()) {
      String prefix = PREFIX + section.name().toUpperCase(Locale.ROOT) + "_";
      if (variable.startsWith(prefix) && section.form() instanceof Fields fields) {
        String rest = variable.substring(prefix.length());
        List<String> path = new ArrayList<>(List.of(section.name()));
        path.addAll(keys(fields, rest, variable));
        return root.with(path, new Scalar(new Where(variable, HERE), value));
      }
    }
    return root;
  }

  /** The keys, outside in, that the rest of a variable's name means. */
  private static List<String> keys(Fields fields, String rest, String variable) {
    List<String> known = new ArrayList<>();
    for (Key key : fields.keys()) {
      String name = key.name().toUpperCase(Locale.ROOT);
      if (name.equals(rest)) {
        return List.of(key.name());
      }
      if (key.form() instanceof Fields inner && rest.startsWith(name + "_")) {
        List<String> path = new ArrayList<>(List.of(key.name()));
        path.addAll(keys(inner, rest.substring(name.length() + 1), variable));
        return path;
      }
      known.add(name);
    }
    throw ConfigText.bad(
        variable,
        "unknown variable ("
            + Nearest.hint(rest, known)
            + "known after "
            + variable.substring(0, variable.length() - rest.length())
            + ": "
            + String.join(", ", known)
            + ")");
  }
}
