package dev.lathe.onnx.check;

import dev.lathe.onnx.check.Operator.Formals;
import dev.lathe.onnx.codec.AttributeKind;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The operators of ONNX's own domains, each in all its versions.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/docs/Operators.md">ONNX operators</a>
 */
final class Operators {
  private static final Operators STANDARD = read("operators.tsv");

  /** Versions of each operator, oldest first, by domain and name. */
  private final Map<String, Map<String, List<Operator>>> domains = new HashMap<>();

  private Operators() {}

  static Operators standard() {
    return STANDARD;
  }

  /** Whether the table has a domain; empty is {@code ai.onnx}. */
  boolean knows(String domain) {
    return domains.containsKey(domain);
  }

  /** The newest version of a domain that changed anything. */
  long newest(String domain) {
    return domains.getOrDefault(domain, Map.of()).values().stream()
        .flatMap(List::stream)
        .mapToLong(Operator::since)
        .max()
        .orElse(0);
  }

  /** The operator as a version of its domain has it. */
  Optional<Operator> find(String domain, String name, long version) {
    return versions(domain, name).stream()
        .filter(operator -> operator.since() <= version)
        .reduce((_, newer) -> newer);
  }

  /** The first version of a domain that has an operator. */
  Optional<Long> firstSince(String domain, String name) {
    return versions(domain, name).stream().findFirst().map(Operator::since);
  }

  private List<Operator> versions(String domain, String name) {
    return domains.getOrDefault(domain, Map.of()).getOrDefault(name, List.of());
  }

  private static Operators read(String resource) {
    Operators table = new Operators();
    try (InputStream in =
            Objects.requireNonNull(Operators.class.getResourceAsStream(resource), resource);
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      lines.lines().filter(line -> !line.startsWith("#")).forEach(table::add);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return table;
  }

  private void add(String line) {
    String[] cells = line.split("\t", -1);
    String domain = cells[0].equals("ai.onnx") ? "" : cells[0];
    Map<String, AttributeKind> attributes = new HashMap<>();
    Set<String> required = new HashSet<>();
    if (cells.length > 8) {
      for (String each : cells[8].split(" ")) {
        String[] attribute = each.replace("!", "").split(":");
        attributes.put(attribute[0], AttributeKind.valueOf(attribute[1]));
        if (each.endsWith("!")) {
          required.add(attribute[0]);
        }
      }
    }
    domains
        .computeIfAbsent(domain, _ -> new HashMap<>())
        .computeIfAbsent(cells[1], _ -> new ArrayList<>(4))
        .add(
            new Operator(
                Long.parseLong(cells[2]),
                formals(cells[3], cells[4]),
                formals(cells[5], cells[6]),
                cells[7].equals("deprecated"),
                Map.copyOf(attributes),
                Set.copyOf(required)));
  }

  private static Formals formals(String fewest, String kinds) {
    return new Formals(Integer.parseInt(fewest), kinds.equals("-") ? "" : kinds);
  }
}
