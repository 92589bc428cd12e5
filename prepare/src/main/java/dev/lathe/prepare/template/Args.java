package dev.lathe.prepare.template;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a call is given.
 *
 * @param values by place
 * @param named by name
 */
record Args(List<@Nullable Object> values, Map<String, @Nullable Object> named) {
  static final Args NONE = new Args(List.of(), Map.of());

  static Args of(@Nullable Object value) {
    return new Args(Arrays.asList(value), Map.of());
  }

  /** The arguments by the names of a signature. */
  Bound bind(String... names) {
    if (values.size() > names.length) {
      throw new Fault("takes at most " + names.length + " arguments (" + values.size() + " given)");
    }
    Map<String, @Nullable Object> bound = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      bound.put(names[i], values.get(i));
    }
    named.forEach(
        (name, value) -> {
          if (!Arrays.asList(names).contains(name)) {
            throw new Fault("got an unexpected keyword argument '" + name + "'");
          }
          if (bound.containsKey(name)) {
            throw new Fault("got multiple values for argument '" + name + "'");
          }
          bound.put(name, value);
        });
    return new Bound(bound);
  }

  /** These without the first by place. */
  Args rest() {
    return new Args(values.subList(1, values.size()), named);
  }

  /** Arguments by name. */
  record Bound(Map<String, @Nullable Object> all) {
    boolean has(String name) {
      return all.containsKey(name);
    }

    @Nullable Object get(String name, @Nullable Object otherwise) {
      return all.containsKey(name) ? all.get(name) : otherwise;
    }

    @Nullable Object need(String name) {
      if (!all.containsKey(name)) {
        throw new Fault("missing 1 required positional argument: '" + name + "'");
      }
      return all.get(name);
    }

    String text(String name, String otherwise) {
      return all.containsKey(name) ? Texts.str(all.get(name)) : otherwise;
    }

    String needText(String name) {
      if (need(name) instanceof String text) {
        return text;
      }
      throw new Fault("'" + name + "' must be str, not " + Texts.type(all.get(name)));
    }

    long number(String name, long otherwise) {
      Object value = get(name, otherwise);
      if (value instanceof Long || value instanceof Boolean) {
        return Numbers.whole(value);
      }
      throw new Fault("'" + name + "' must be int, not " + Texts.type(value));
    }

    boolean flag(String name, boolean otherwise) {
      return Items.truth(get(name, otherwise));
    }
  }
}
