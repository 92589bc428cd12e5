package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Range;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import dev.lathe.prepare.template.Value.View;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which values are equal, and which comes first, as Python says it. */
final class Order {
  private Order() {}

  static boolean equal(@Nullable Object left, @Nullable Object right) {
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return Numbers.isWhole(left) && Numbers.isWhole(right)
          ? Numbers.whole(left) == Numbers.whole(right)
          : Numbers.real(left) == Numbers.real(right);
    }
    return switch (left) {
      case List<?> list -> right instanceof List<?> other && equalAll(list, other);
      case Tuple tuple -> right instanceof Tuple other && equalAll(tuple.items(), other.items());
      case Map<?, ?> map -> right instanceof Map<?, ?> other && equalDicts(map, other);
      case View view -> right instanceof View other && equalAll(view.items(), other.items());
      case Range range -> right instanceof Range other && equalRanges(range, other);
      case Undefined undefined -> right instanceof Undefined;
      case null, default -> Objects.equals(left, right);
    };
  }

  private static boolean equalRanges(Range left, Range right) {
    long length = left.length();
    return length == right.length()
        && (length == 0 || left.start() == right.start())
        && (length <= 1 || left.step() == right.step());
  }

  private static boolean equalAll(List<?> left, List<?> right) {
    if (left.size() != right.size()) {
      return false;
    }
    Iterator<?> other = right.iterator();
    return left.stream().allMatch(item -> equal(item, other.next()));
  }

  private static boolean equalDicts(Map<?, ?> left, Map<?, ?> right) {
    return left.size() == right.size()
        && left.entrySet().stream()
            .allMatch(
                entry ->
                    right.containsKey(entry.getKey())
                        && equal(entry.getValue(), right.get(entry.getKey())));
  }

  /** Less than 0, 0, or more, as the left comes before, with, or after the right. */
  static int compare(@Nullable Object left, @Nullable Object right) {
    if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
      return Numbers.isWhole(left) && Numbers.isWhole(right)
          ? Long.compare(Numbers.whole(left), Numbers.whole(right))
          : Double.compare(Numbers.real(left), Numbers.real(right));
    }
    if (left instanceof String first && right instanceof String second) {
      return compareTexts(first, second);
    }
    if (left instanceof List<?> first && right instanceof List<?> second) {
      return compareAll(first, second);
    }
    if (left instanceof Tuple first && right instanceof Tuple second) {
      return compareAll(first.items(), second.items());
    }
    if (left instanceof Undefined undefined) {
      throw undefined.fault();
    }
    if (right instanceof Undefined undefined) {
      throw undefined.fault();
    }
    throw new Fault(
        "'<' not supported between instances of '"
            + Texts.type(left)
            + "' and '"
            + Texts.type(right)
            + "'");
  }

  private static int compareTexts(String left, String right) {
    int common = Math.min(left.length(), right.length());
    for (int i = 0; i < common; i++) {
      if (left.charAt(i) != right.charAt(i)) {
        return Integer.compare(left.codePointAt(i), right.codePointAt(i));
      }
    }
    return Integer.compare(left.length(), right.length());
  }

  private static int compareAll(List<?> left, List<?> right) {
    for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
      if (!equal(left.get(i), right.get(i))) {
        return compare(left.get(i), right.get(i));
      }
    }
    return Integer.compare(left.size(), right.size());
  }

  static boolean compared(String sign, @Nullable Object left, @Nullable Object right) {
    return switch (sign) {
      case "==" -> equal(left, right);
      case "!=" -> !equal(left, right);
      case "<" -> compare(left, right) < 0;
      case "<=" -> compare(left, right) <= 0;
      case ">" -> compare(left, right) > 0;
      case ">=" -> compare(left, right) >= 0;
      case "in" -> in(left, right);
      default -> !in(left, right);
    };
  }

  static boolean in(@Nullable Object item, @Nullable Object all) {
    if (all instanceof String text) {
      if (item instanceof String part) {
        return text.contains(part);
      }
      throw new Fault("'in <string>' requires string as left operand, not " + Texts.type(item));
    }
    if (all instanceof Map<?, ?> map) {
      return map.containsKey(Items.key(item));
    }
    if (all instanceof Range range && Numbers.isWhole(item)) {
      long place = Numbers.whole(item) - range.start();
      return place % range.step() == 0
          && place / range.step() >= 0
          && place / range.step() < range.length();
    }
    if (!Items.iterable(all)) {
      throw new Fault("argument of type '" + Texts.type(all) + "' is not iterable");
    }
    return Items.list(all).stream().anyMatch(one -> equal(one, item));
  }
}
