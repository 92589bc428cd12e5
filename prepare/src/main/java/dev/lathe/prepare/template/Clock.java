package dev.lathe.prepare.template;

import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.TextStyle;
import java.util.Locale;

/** Times as C's {@code strftime} writes them. */
final class Clock {
  private static final int LONGEST = 1000;

  private Clock() {}

  static String text(ZonedDateTime time, String form) {
    if (form.length() > LONGEST) {
      throw new Fault("a form of time of more than " + LONGEST + " characters");
    }
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < form.length(); i++) {
      char c = form.charAt(i);
      if (c != '%' || i + 1 == form.length()) {
        out.append(c);
        continue;
      }
      boolean unpadded = form.charAt(i + 1) == '-' && i + 2 < form.length();
      i += unpadded ? 2 : 1;
      String field = field(time, form.charAt(i));
      out.append(unpadded && field.startsWith("0") ? field.replaceFirst("^0+(?=.)", "") : field);
    }
    return out.toString();
  }

  private static String field(ZonedDateTime time, char field) {
    String pattern =
        switch (field) {
          case 'Y' -> "yyyy";
          case 'y' -> "yy";
          case 'm' -> "MM";
          case 'd' -> "dd";
          case 'H' -> "HH";
          case 'I' -> "hh";
          case 'M' -> "mm";
          case 'S' -> "ss";
          case 'f' -> "SSSSSS";
          case 'j' -> "DDD";
          case 'F' -> "yyyy-MM-dd";
          case 'T', 'X' -> "HH:mm:ss";
          case 'D', 'x' -> "MM/dd/yy";
          case 'p' -> "a";
          default -> "";
        };
    if (!pattern.isEmpty()) {
      return DateTimeFormatter.ofPattern(pattern, Locale.US).format(time);
    }
    return switch (field) {
      case 'B' -> time.getMonth().getDisplayName(TextStyle.FULL, Locale.US);
      case 'b', 'h' -> time.getMonth().getDisplayName(TextStyle.SHORT, Locale.US);
      case 'A' -> time.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.US);
      case 'a' -> time.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.US);
      case 'e' -> "%2d".formatted(time.getDayOfMonth());
      case 'u' -> Integer.toString(time.getDayOfWeek().getValue());
      case 'w' -> Integer.toString(time.getDayOfWeek().getValue() % 7);
      case 'n' -> "\n";
      case 't' -> "\t";
      case '%' -> "%";
      case 'z', 'Z' -> "";
      default -> "%" + field;
    };
  }
}
