package dev.lathe.train.recipe;

import dev.lathe.ir.Nearest;
import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Column;
import dev.lathe.train.recipe.Form.Each;
import dev.lathe.train.recipe.Form.Either;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Name;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Need;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import dev.lathe.train.recipe.YamlNode.Entry;
import dev.lathe.train.recipe.YamlNode.Kind;
import dev.lathe.train.recipe.YamlNode.Mapping;
import dev.lathe.train.recipe.YamlNode.Place;
import dev.lathe.train.recipe.YamlNode.Scalar;
import dev.lathe.train.recipe.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Holds a YAML tree against a form; the first difference is an error with key, line and column. */
final class FormReader {
  private static final Pattern REAL =
      Pattern.compile("[-+]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][-+]?\\d{1,4})?");

  private final String where;

  private FormReader(String where) {
    this.where = where;
  }

  static Values read(YamlNode root, Fields form, String where) {
    return new FormReader(where).fields(root, form, "");
  }

  private Object value(YamlNode node, Form form, String path) {
    return switch (form) {
      case Whole whole -> whole(node, whole, path);
      case Real real -> real(node, real, path);
      case Text text -> text(node, text, path);
      case Flag _ -> Boolean.valueOf(scalar(node, Kind.FLAG, path, "true or false").text());
      case Choice choice -> choice(node, choice, path);
      case Name name -> name(node, name, path);
      case Many many -> many(node, many, path);
      case Column _ -> column(node, path);
      case Either either -> either(node, either, path);
      case Each each -> each(node, each, path);
      case Fields fields -> fields(node, fields, path);
      case Variants variants -> variants(node, variants, path);
      case Named named -> named(node, named, path);
    };
  }

  private Scalar scalar(YamlNode node, Kind kind, String path, String expected) {
    if (node instanceof Scalar scalar && scalar.kind() == kind) {
      return scalar;
    }
    throw wrong(node, path, expected);
  }

  private RuntimeException wrong(YamlNode node, String path, String expected) {
    String name = path.isEmpty() ? "the recipe" : path;
    return YamlText.bad(
        where, node.place(), name + ": " + node.found() + " (expected: " + expected + ")");
  }

  private Long whole(YamlNode node, Whole form, String path) {
    String expected = "a whole number from " + form.least() + " to " + form.most();
    Scalar scalar = scalar(node, Kind.INTEGER, path, expected);
    try {
      long value = Long.decode(scalar.text().replace("_", ""));
      if (value >= form.least() && value <= form.most()) {
        return value;
      }
    } catch (NumberFormatException e) {
      throw wrong(node, path, expected);
    }
    throw wrong(node, path, expected);
  }

  private Double real(YamlNode node, Real form, String path) {
    String expected =
        "a number "
            + (form.leastExcluded() ? "above " : "from ")
            + plain(form.least())
            + " to "
            + plain(form.most());
    if (!(node instanceof Scalar scalar) || !REAL.matcher(scalar.text()).matches()) {
      throw wrong(node, path, expected);
    }
    double value = Double.parseDouble(scalar.text());
    boolean low = form.leastExcluded() ? value <= form.least() : value < form.least();
    if (low || value > form.most()) {
      throw wrong(node, path, expected);
    }
    return value;
  }

  private static String plain(double bound) {
    return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
  }

  private String text(YamlNode node, Text form, String path) {
    Scalar scalar = scalar(node, Kind.TEXT, path, form.meaning());
    if (!form.pattern().matcher(scalar.text()).matches()) {
      throw wrong(node, path, form.meaning());
    }
    return scalar.text();
  }

  private String choice(YamlNode node, Choice form, String path) {
    String expected = String.join(", ", form.names());
    Scalar scalar = scalar(node, Kind.TEXT, path, expected);
    if (!form.names().contains(scalar.text())) {
      throw wrong(node, path, Nearest.hint(scalar.text(), form.names()) + expected);
    }
    return scalar.text();
  }

  private String name(YamlNode node, Name form, String path) {
    boolean other =
        node instanceof Scalar scalar
            && scalar.kind() == Kind.TEXT
            && form.others().matcher(scalar.text()).matches();
    return other ? ((Scalar) node).text() : choice(node, form.names(), path);
  }

  private List<Object> many(YamlNode node, Many form, String path) {
    String expected = "a list of " + form.least() + " to " + form.most();
    if (!(node instanceof Sequence sequence)
        || sequence.elements().size() < form.least()
        || sequence.elements().size() > form.most()) {
      throw wrong(node, path, expected);
    }
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < sequence.elements().size(); i++) {
      values.add(value(sequence.elements().get(i), form.element(), path + "[" + i + "]"));
    }
    return values;
  }

  private List<Object> column(YamlNode node, String path) {
    List<YamlNode> nodes = node instanceof Sequence s ? s.elements() : List.of(node);
    if (nodes.isEmpty() || nodes.size() > RecipeForm.MAX_TARGETS) {
      throw wrong(node, path, "1 to " + RecipeForm.MAX_TARGETS + " columns");
    }
    List<Object> columns = new ArrayList<>();
    for (YamlNode one : nodes) {
      boolean named =
          one instanceof Scalar scalar
              && (scalar.kind() == Kind.TEXT || scalar.kind() == Kind.INTEGER)
              && !scalar.text().isEmpty();
      if (!named) {
        throw wrong(one, path, "first, last, a column's name, or its place from 0");
      }
      columns.add(((Scalar) one).text());
    }
    return columns;
  }

  private Values each(YamlNode node, Each form, String path) {
    if (!(node instanceof Mapping mapping)
        || mapping.entries().isEmpty()
        || mapping.entries().size() > form.most()) {
      throw wrong(node, path, "a mapping of 1 to " + form.most() + " names");
    }
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Place> places = new LinkedHashMap<>();
    mapping
        .entries()
        .forEach(
            (name, entry) -> {
              if (!form.key().pattern().matcher(name).matches()) {
                String expected = form.key().meaning();
                throw YamlText.bad(
                    where, entry.place(), path + ": key (expected: " + expected + ")");
              }
              values.put(name, value(entry.value(), form.element(), inside(path, name)));
              places.put(name, entry.value().place());
            });
    return new Values(where, mapping.place(), values, places);
  }

  private Object either(YamlNode node, Either form, String path) {
    if (node instanceof Scalar scalar && scalar.kind() == Kind.TEXT) {
      return value(node, form.text(), path);
    }
    boolean list = form.other() instanceof Many;
    if (list != node instanceof Sequence) {
      throw wrong(node, path, form.meaning());
    }
    return value(node, form.other(), path);
  }

  private Values named(YamlNode node, Named form, String path) {
    if (!(node instanceof Scalar scalar)) {
      return variants(node, form.variants(), path);
    }
    Choice names = new Choice(List.copyOf(form.variants().cases().keySet()));
    choice(scalar, names, path);
    Entry kind = new Entry(scalar.place(), scalar);
    return variants(
        new Mapping(scalar.place(), Map.of(form.variants().key(), kind)), form.variants(), path);
  }

  private Values variants(YamlNode node, Variants form, String path) {
    if (!(node instanceof Mapping mapping)) {
      throw wrong(node, path, "a mapping with the key " + form.key());
    }
    Choice names = new Choice(List.copyOf(form.cases().keySet()));
    Entry entry = mapping.entries().get(form.key());
    if (entry == null) {
      throw missing(mapping, path, form.key(), kinds(form));
    }
    String chosen = choice(entry.value(), names, inside(path, form.key()));
    List<Key> keys = new ArrayList<>();
    keys.add(Key.required(form.key(), names, form.about()));
    keys.addAll(form.cases().getOrDefault(chosen, new Fields(List.of())).keys());
    return fields(mapping, new Fields(keys), path);
  }

  private Values fields(YamlNode node, Fields form, String path) {
    if (!(node instanceof Mapping mapping)) {
      throw wrong(node, path, "a mapping");
    }
    refuseUnknown(mapping, form, path);
    Map<String, Object> values = new LinkedHashMap<>();
    Map<String, Place> places = new LinkedHashMap<>();
    for (Key key : form.keys()) {
      Entry entry = mapping.entries().get(key.name());
      if (entry != null) {
        values.put(key.name(), value(entry.value(), key.form(), inside(path, key.name())));
        places.put(key.name(), entry.value().place());
      } else if (key.need() == Need.REQUIRED) {
        throw missing(mapping, path, key.name(), meaning(key));
      } else {
        values.put(key.name(), standard(key, inside(path, key.name())));
      }
    }
    return new Values(where, mapping.place(), values, places);
  }

  private Object standard(Key key, String path) {
    Place place = new Place(1, 1);
    return switch (key.form()) {
      case Fields fields -> fields(new Mapping(place, Map.of()), fields, path);
      case Named named when !key.standard().equals("") ->
          named(new Scalar(place, Kind.TEXT, key.standard().toString()), named, path);
      case Named _,
          Whole _,
          Real _,
          Text _,
          Flag _,
          Choice _,
          Name _,
          Many _,
          Column _,
          Either _,
          Each _,
          Variants _ ->
          key.standard();
    };
  }

  private void refuseUnknown(Mapping mapping, Fields form, String path) {
    List<String> known = form.keys().stream().map(Key::name).toList();
    mapping
        .entries()
        .forEach(
            (name, entry) -> {
              if (!known.contains(name)) {
                throw YamlText.bad(
                    where,
                    entry.place(),
                    "unknown key \""
                        + inside(path, name)
                        + "\" ("
                        + Nearest.hint(name, known)
                        + "known: "
                        + String.join(", ", known)
                        + ")");
              }
            });
  }

  private RuntimeException missing(Mapping mapping, String path, String key, String expected) {
    return YamlText.bad(
        where,
        mapping.place(),
        "missing key \"" + inside(path, key) + "\" (expected: " + expected + ")");
  }

  private static String kinds(Variants form) {
    return form.key() + ": " + String.join(", ", form.cases().keySet());
  }

  /** What a key says, and what it may be where that is one of a few. */
  private static String meaning(Key key) {
    String about = key.about().replaceFirst("\\.$", "");
    boolean word = about.length() > 1 && Character.isLowerCase(about.charAt(1));
    String said = word ? Character.toLowerCase(about.charAt(0)) + about.substring(1) : about;
    return switch (key.form()) {
      case Named named -> said + "; " + kinds(named.variants());
      case Variants variants -> said + "; " + kinds(variants);
      case Choice choice -> said + ": " + String.join(", ", choice.names());
      case Whole _, Real _, Text _, Flag _, Name _, Many _, Column _, Either _, Each _, Fields _ ->
          said;
    };
  }

  private static String inside(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
