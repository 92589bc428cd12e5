package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Once;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Filters on lists. */
final class ListFilters {
  private ListFilters() {}

  /** An item's attribute, which may be a path such as {@code a.b.0}. */
  static @Nullable Object attribute(@Nullable Object item, @Nullable Object path) {
    if (!(path instanceof String text)) {
      return Items.item(item, path);
    }
    Object found = item;
    for (String part : text.split("\\.", -1)) {
      boolean digits = !part.isEmpty() && part.chars().allMatch(Character::isDigit);
      found = Items.item(found, digits ? Long.valueOf(part) : part);
    }
    return found;
  }

  private static @Nullable Object folded(@Nullable Object value, boolean sensitive) {
    return value instanceof String text && !sensitive ? text.toLowerCase(Locale.ROOT) : value;
  }

  private static @Nullable Object key(
      @Nullable Object item, @Nullable Object attribute, boolean sensitive) {
    return folded(attribute == null ? item : attribute(item, attribute), sensitive);
  }

  static Object batch(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("linecount", "fill_with");
    long size = Numbers.whole(bound.need("linecount"));
    Object fill = bound.get("fill_with", null);
    List<@Nullable Object> batches = new ArrayList<>();
    List<@Nullable Object> batch = new ArrayList<>();
    for (Object item : Items.list(value)) {
      if (batch.size() == size) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      batch.add(item);
    }
    if (!batch.isEmpty()) {
      while (fill != null && batch.size() < TextMethods.width(size)) {
        batch.add(fill);
      }
      batches.add(batch);
    }
    return new Once(batches.iterator());
  }

  static Object slice(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("slices", "fill_with");
    long slices = Numbers.whole(bound.need("slices"));
    Object fill = bound.get("fill_with", null);
    List<@Nullable Object> items = Items.list(value);
    if (slices <= 0 || slices > Budget.LARGEST) {
      throw new Fault("slices: " + slices + " (expected: 1 to " + Budget.LARGEST + ")");
    }
    List<@Nullable Object> all = new ArrayList<>();
    int each = (int) (items.size() / slices);
    long extra = items.size() % slices;
    int from = 0;
    for (long i = 0; i < slices; i++) {
      int to = from + each + (i < extra ? 1 : 0);
      List<@Nullable Object> slice = new ArrayList<>(items.subList(from, to));
      if (fill != null && i >= extra) {
        slice.add(fill);
      }
      all.add(slice);
      from = to;
    }
    return new Once(all.iterator());
  }

  static Object dictsort(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("case_sensitive", "by", "reverse");
    boolean sensitive = bound.flag("case_sensitive", false);
    String by = bound.text("by", "key");
    if (!by.equals("key") && !by.equals("value")) {
      throw new Fault("You can only sort by either \"key\" or \"value\"");
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw new Fault("'" + Texts.type(value) + "' object has no attribute 'items'");
    }
    long place = by.equals("key") ? 0 : 1;
    return sorted(
        Methods.items(map), bound.flag("reverse", false), item -> key(item, place, sensitive));
  }

  private interface Key {
    @Nullable Object of(@Nullable Object item);
  }

  private static List<@Nullable Object> sorted(
      List<@Nullable Object> items, boolean reverse, Key key) {
    List<@Nullable Object> sorted = new ArrayList<>(items);
    Comparator<@Nullable Object> order =
        (left, right) -> Order.compare(key.of(left), key.of(right));
    sorted.sort(reverse ? (left, right) -> order.compare(right, left) : order);
    return sorted;
  }

  static Object sort(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("reverse", "case_sensitive", "attribute");
    boolean sensitive = bound.flag("case_sensitive", false);
    Object attribute = bound.get("attribute", null);
    return sorted(
        Items.list(value),
        bound.flag("reverse", false),
        item -> {
          if (attribute instanceof String text && text.contains(",")) {
            List<@Nullable Object> keys = new ArrayList<>();
            Arrays.stream(text.split(",")).forEach(one -> keys.add(key(item, one, sensitive)));
            return keys;
          }
          return key(item, attribute, sensitive);
        });
  }

  static Object unique(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("case_sensitive", "attribute");
    List<@Nullable Object> seen = new ArrayList<>();
    List<@Nullable Object> kept = new ArrayList<>();
    java.util.Set<@Nullable Object> keys = new java.util.HashSet<>();
    for (Object item : Items.list(value)) {
      Object key =
          Items.key(key(item, bound.get("attribute", null), bound.flag("case_sensitive", false)));
      if (keys.add(key)) {
        seen.add(key);
        kept.add(item);
      }
    }
    return new Once(kept.iterator());
  }

  /** The least (−1) or the greatest (1). */
  static @Nullable Object extreme(@Nullable Object value, Args args, int sign) {
    Args.Bound bound = args.bind("case_sensitive", "attribute");
    boolean sensitive = bound.flag("case_sensitive", false);
    Object attribute = bound.get("attribute", null);
    List<@Nullable Object> items = Items.list(value);
    if (items.isEmpty()) {
      return new Undefined("No aggregated item, sequence was empty.");
    }
    Object best = items.getFirst();
    for (Object item : items.subList(1, items.size())) {
      int order = Order.compare(key(item, attribute, sensitive), key(best, attribute, sensitive));
      best = order * sign > 0 ? item : best;
    }
    return best;
  }

  static Object groupby(@Nullable Object value, Args args) {
    Args.Bound bound = args.bind("attribute", "default", "case_sensitive");
    Object attribute = bound.need("attribute");
    boolean sensitive = bound.flag("case_sensitive", false);
    Key shown =
        item -> {
          Object found = attribute(item, attribute);
          return found instanceof Undefined ? bound.get("default", found) : found;
        };
    Key key = item -> folded(shown.of(item), sensitive);
    List<@Nullable Object> groups = new ArrayList<>();
    List<@Nullable Object> group = new ArrayList<>();
    for (Object item : sorted(Items.list(value), false, key)) {
      if (!group.isEmpty() && !Order.equal(key.of(group.getFirst()), key.of(item))) {
        groups.add(Methods.pair(shown.of(group.getFirst()), group));
        group = new ArrayList<>();
      }
      group.add(item);
    }
    if (!group.isEmpty()) {
      groups.add(new Tuple(Arrays.asList(shown.of(group.getFirst()), group)));
    }
    return groups;
  }
}
