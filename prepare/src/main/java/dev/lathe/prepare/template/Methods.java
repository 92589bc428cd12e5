package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Called;
import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.View;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The methods of dicts, lists and texts. Those that would change a value are refused. */
final class Methods {
  private static final Set<String> CHANGING_DICTS =
      Set.of("clear", "pop", "popitem", "setdefault", "update");
  private static final Set<String> CHANGING_LISTS =
      Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");

  private Methods() {}

  /** The method of that name, if the value has it. */
  static Optional<Object> of(@Nullable Object value, String name) {
    Called method =
        switch (value) {
          case Map<?, ?> map -> ofDict(map, name);
          case List<?> list -> ofList(list, name);
          case Tuple tuple -> ofTuple(tuple.items(), name);
          case String text -> TextMethods.of(text, name);
          case null, default -> null;
        };
    return method == null ? Optional.empty() : Optional.of(new Function(name, method));
  }

  private static Called refused(String name, String type) {
    return args -> {
      throw new Fault("access to attribute '" + name + "' of '" + type + "' object is unsafe");
    };
  }

  private static @Nullable Called ofDict(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> args -> new View("dict_items", items(map));
      case "keys" -> args -> new View("dict_keys", new ArrayList<>(map.keySet()));
      case "values" -> args -> new View("dict_values", new ArrayList<>(map.values()));
      case "copy" -> args -> new LinkedHashMap<>(map);
      case "get" ->
          args -> {
            Args.Bound bound = args.bind("key", "default");
            Object key = Items.key(bound.need("key"));
            return map.containsKey(key) ? map.get(key) : bound.get("default", null);
          };
      default -> CHANGING_DICTS.contains(name) ? refused(name, "dict") : null;
    };
  }

  static List<@Nullable Object> items(Map<?, ?> map) {
    List<@Nullable Object> items = new ArrayList<>();
    map.forEach((key, value) -> items.add(pair(key, value)));
    return items;
  }

  static Tuple pair(@Nullable Object first, @Nullable Object second) {
    List<@Nullable Object> both = new ArrayList<>();
    both.add(first);
    both.add(second);
    return new Tuple(both);
  }

  private static @Nullable Called ofList(List<?> list, String name) {
    if (name.equals("copy")) {
      return args -> new ArrayList<@Nullable Object>(list);
    }
    Called read = ofTuple(list, name);
    return read == null && CHANGING_LISTS.contains(name) ? refused(name, "list") : read;
  }

  private static @Nullable Called ofTuple(List<?> items, String name) {
    return switch (name) {
      case "count" ->
          args -> {
            Object wanted = args.bind("value").need("value");
            return items.stream().filter(item -> Order.equal(item, wanted)).count();
          };
      case "index" ->
          args -> {
            Object wanted = args.bind("value").need("value");
            for (int i = 0; i < items.size(); i++) {
              if (Order.equal(items.get(i), wanted)) {
                return (long) i;
              }
            }
            throw new Fault(Texts.repr(wanted) + " is not in list");
          };
      default -> null;
    };
  }
}
