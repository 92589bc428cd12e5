package dev.lathe.registry.pipeline;

import dev.lathe.registry.StepKey.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Brings values of a YAML file to the forms of settings. */
final class Settings {
  private Settings() {}

  /**
   * The value as its form has it: Long, Double, Boolean, String, or a list; empty if it is none.
   */
  static Optional<Object> read(Form form, @Nullable Object value) {
    return switch (form) {
      case Form.Text() -> text(value).filter(text -> !text.isBlank()).map(text -> text);
      case Form.Flag() -> value instanceof Boolean ? Optional.of(value) : Optional.empty();
      case Form.Choice(List<String> names) -> text(value).filter(names::contains).map(text -> text);
      case Form.Whole(long least, long most) -> whole(value, least, most).map(number -> number);
      case Form.Real() -> real(value).map(number -> number);
      case Form.Wholes(int fewest, int count, long least, long most) ->
          list(value, fewest, count, element -> whole(element, least, most));
      case Form.Reals(int fewest, int count) -> list(value, fewest, count, Settings::real);
      case Form.Texts(int count) -> list(value, 1, count, Settings::plain);
    };
  }

  private interface Reader {
    Optional<?> read(@Nullable Object value);
  }

  private static Optional<Object> list(
      @Nullable Object value, int fewest, int most, Reader reader) {
    if (!(value instanceof List<?> list) || list.size() < fewest || list.size() > most) {
      return Optional.empty();
    }
    List<Object> read = new ArrayList<>();
    for (Object element : list) {
      Optional<?> one = reader.read(element);
      if (one.isEmpty()) {
        return Optional.empty();
      }
      read.add(one.get());
    }
    return Optional.of(List.copyOf(read));
  }

  private static Optional<String> text(@Nullable Object value) {
    return value instanceof String text && text.length() <= 1000
        ? Optional.of(text)
        : Optional.empty();
  }

  /** A label may look like a number. */
  private static Optional<String> plain(@Nullable Object value) {
    boolean scalar = value instanceof Number || value instanceof Boolean;
    return scalar ? Optional.of(String.valueOf(value)) : text(value);
  }

  private static Optional<Long> whole(@Nullable Object value, long least, long most) {
    boolean whole = value instanceof Integer || value instanceof Long;
    if (!whole) {
      return Optional.empty();
    }
    long number = ((Number) value).longValue();
    return number >= least && number <= most ? Optional.of(number) : Optional.empty();
  }

  private static Optional<Double> real(@Nullable Object value) {
    return value instanceof Number number && Double.isFinite(number.doubleValue())
        ? Optional.of(number.doubleValue())
        : Optional.empty();
  }
}
