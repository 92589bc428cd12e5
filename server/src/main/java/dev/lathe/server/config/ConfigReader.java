package dev.lathe.server.config;

import dev.lathe.ir.Nearest;
import dev.lathe.server.config.ConfigNode.Items;
import dev.lathe.server.config.ConfigNode.Mapping;
import dev.lathe.server.config.ConfigNode.Scalar;
import dev.lathe.server.config.ConfigNode.Where;
import dev.lathe.server.config.Form.AutoOr;
import dev.lathe.server.config.Form.Choice;
import dev.lathe.server.config.Form.Fields;
import dev.lathe.server.config.Form.File;
import dev.lathe.server.config.Form.Flag;
import dev.lathe.server.config.Form.Key;
import dev.lathe.server.config.Form.Many;
import dev.lathe.server.config.Form.Real;
import dev.lathe.server.config.Form.Size;
import dev.lathe.server.config.Form.Span;
import dev.lathe.server.config.Form.Text;
import dev.lathe.server.config.Form.Whole;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Holds what was given against a form; the first difference is an error that says where. */
final class ConfigReader {
  private static final Where STANDARD = new Where("standard value", Path.of(""));

  private ConfigReader() {}

  static Settings read(ConfigNode node, Fields form, String path) {
    Mapping mapping = mapping(node, path);
    List<String> known = form.keys().stream().map(Key::name).toList();
    mapping.entries().forEach((name, value) -> requireKnown(value, inside(path, name), known));
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, String> places = new LinkedHashMap<>();
    for (Key key : form.keys()) {
      ConfigNode given = mapping.entries().get(key.name());
      if (given != null) {
        places.put(key.name(), given.where().text());
      }
      value(given == null ? absent(key) : given, key.form(), inside(path, key.name()))
          .ifPresent(value -> values.put(key.name(), value));
    }
    return new Settings(path, values, places);
  }

  private static Mapping mapping(ConfigNode node, String path) {
    if (node instanceof Scalar scalar && scalar.text().isEmpty()) {
      return new Mapping(scalar.where(), Map.of());
    }
    if (node instanceof Mapping mapping) {
      return mapping;
    }
    throw wrong(node, path, "a mapping");
  }

  private static void requireKnown(ConfigNode node, String path, List<String> known) {
    String name = path.substring(path.lastIndexOf('.') + 1);
    if (!known.contains(name)) {
      throw ConfigText.bad(
          node.where().text(),
          "unknown key \""
              + path
              + "\" ("
              + Nearest.hint(name, known)
              + "known: "
              + String.join(", ", known)
              + ")");
    }
  }

  private static ConfigNode absent(Key key) {
    return new Scalar(STANDARD, key.standard());
  }

  private static Optional<Object> value(ConfigNode node, Form form, String path) {
    if (form instanceof Fields fields) {
      return Optional.of(read(node, fields, path));
    }
    if (node instanceof Scalar scalar && scalar.text().isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        switch (form) {
          case Many many -> many(node, many, path);
          case Fields fields -> read(node, fields, path);
          case Whole _, Real _, Text _, Flag _, Choice _, Span _, AutoOr _, Size _, File _ ->
              scalar(node, form, path);
        });
  }

  private static List<Object> many(ConfigNode node, Many form, String path) {
    List<ConfigNode> elements =
        switch (node) {
          case Items items -> items.elements();
          case Scalar scalar -> separated(scalar);
          case Mapping _ -> throw wrong(node, path, "a list");
        };
    if (elements.size() > form.most()) {
      throw wrong(node, path, "a list of at most " + form.most());
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < elements.size(); i++) {
      String name = path + "[" + i + "]";
      ConfigNode element = elements.get(i);
      values.add(
          value(element, form.element(), name)
              .orElseThrow(() -> wrong(element, name, words(form.element()))));
    }
    return values;
  }

  private static List<ConfigNode> separated(Scalar scalar) {
    List<ConfigNode> elements = new ArrayList<>();
    for (String part : scalar.text().split(",", -1)) {
      elements.add(new Scalar(scalar.where(), part.strip()));
    }
    return elements;
  }

  private static Object scalar(ConfigNode node, Form form, String path) {
    if (!(node instanceof Scalar scalar)) {
      throw wrong(node, path, words(form));
    }
    if (form instanceof Choice choice && !choice.names().contains(scalar.text())) {
      throw wrong(node, path, Nearest.hint(scalar.text(), choice.names()) + words(form));
    }
    return parsed(scalar, form).orElseThrow(() -> wrong(node, path, words(form)));
  }

  private static Optional<?> parsed(Scalar scalar, Form form) {
    String text = scalar.text();
    return switch (form) {
      case Whole whole ->
          Quantities.whole(text).filter(n -> within(n, whole.least(), whole.most()));
      case Real real -> Quantities.real(text).filter(n -> n >= real.least() && n <= real.most());
      case Text known -> Optional.of(text).filter(known.pattern().asMatchPredicate());
      case Flag _ ->
          text.equals("true") || text.equals("false")
              ? Optional.of(Boolean.valueOf(text))
              : Optional.empty();
      case Choice _ -> Optional.of(text);
      case Span span -> Quantities.span(text).filter(time -> within(time, span));
      case Size size -> Quantities.size(text).filter(n -> within(n, size.least(), size.most()));
      case AutoOr auto -> text.equals("auto") ? Optional.of(text) : parsed(scalar, auto.given());
      case File _ -> path(scalar);
      case Many _, Fields _ -> Optional.empty();
    };
  }

  private static boolean within(long number, long least, long most) {
    return number >= least && number <= most;
  }

  private static boolean within(Duration time, Span form) {
    return time.compareTo(form.least()) >= 0 && time.compareTo(form.most()) <= 0;
  }

  private static Optional<Path> path(Scalar scalar) {
    try {
      return Optional.of(scalar.where().folder().resolve(scalar.text()));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** A form in words, for messages and for the reference page. */
  static String words(Form form) {
    return switch (form) {
      case Whole whole -> "a whole number from " + whole.least() + " to " + whole.most();
      case Real real -> "a number from " + real.least() + " to " + real.most();
      case Text text -> text.meaning();
      case Flag _ -> "true or false";
      case Choice choice -> "one of " + String.join(", ", choice.names());
      case Span span ->
          "a time from "
              + Quantities.words(span.least())
              + " to "
              + Quantities.words(span.most())
              + " such as 250ms, 30s, 5m, 2h, 90d";
      case AutoOr auto -> "auto, or " + words(auto.given());
      case Size size ->
          "bytes from " + size.least() + " to " + Quantities.words(size.most()) + " such as 64MiB";
      case File _ -> "a file's path";
      case Many many -> "a list of at most " + many.most() + ", each " + words(many.element());
      case Fields _ -> "a mapping";
    };
  }

  private static RuntimeException wrong(ConfigNode node, String path, String expected) {
    String what = path.isEmpty() ? "the configuration" : path;
    return ConfigText.bad(
        node.where().text(), what + ": " + node.found() + " (expected: " + expected + ")");
  }

  private static String inside(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
