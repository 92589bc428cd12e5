package dev.lathe.onnx.check;

import java.util.Map;

/** The operator sets that a graph or a function imports. */
record Opsets(Map<String, Long> versions) {
  static void checkVersions(String where, Map<String, Long> versions, Problems problems) {
    Operators standard = Operators.standard();
    versions.forEach(
        (domain, version) -> {
          String name =
              "opset_import \"" + (domain.isEmpty() ? "ai.onnx" : domain) + "\": version ";
          if (version < 1) {
            problems.add(where, name + version + " (expected: >= 1)");
          } else if (domain.isEmpty() && version > standard.newest("")) {
            problems.add(
                where,
                name + version + " (expected: <= " + standard.newest("") + ", the newest known)");
          }
        });
  }

  /** The version of a domain, or 0 if it is not imported. */
  long version(String domain) {
    return versions.getOrDefault(domain, 0L);
  }
}
