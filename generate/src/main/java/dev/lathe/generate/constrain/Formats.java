package dev.lathe.generate.constrain;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/** The formats of strings that are held to, as regular expressions; some say nothing. */
final class Formats {
  private static final String DATE =
      "(?:\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))"
          + "|(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
  private static final String CLOCK = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?";
  private static final String TIME = CLOCK + "(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
  private static final String LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
  private static final String HOST = LABEL + "(?:\\." + LABEL + "){0,3}";
  private static final String BYTE = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
  private static final String IPV4 = "(?:" + BYTE + "\\.){3}" + BYTE;
  private static final String WORD16 = "[0-9A-Fa-f]{1,4}";
  private static final String ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
  private static final String URI_CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})";
  private static final String URI_REST =
      "(?:\\?(?:" + URI_CHARACTER + "|\\?)*)?(?:#(?:" + URI_CHARACTER + "|\\?)*)?";

  private static final Map<String, String> EXPRESSIONS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("date", DATE),
              Map.entry("time", TIME),
              Map.entry("date-time", DATE + "T" + TIME),
              Map.entry("duration", duration()),
              Map.entry(
                  "email", ATOM + "{1,20}(?:\\." + ATOM + "{1,20}){0,2}@" + LABEL + "\\." + HOST),
              Map.entry("hostname", HOST),
              Map.entry("ipv4", IPV4),
              Map.entry("ipv6", ipv6()),
              Map.entry("uuid", "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
              Map.entry(
                  "uri",
                  "(?:https?|ftp|wss?)://"
                      + HOST
                      + "(?::[0-9]{1,4})?(?:/"
                      + URI_CHARACTER
                      + "*)?"
                      + URI_REST),
              Map.entry("json-pointer", "(?:/(?:[^/~]|~[01])*)*"),
              Map.entry("password", ""),
              Map.entry("binary", ""),
              Map.entry("byte", "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")));

  private static final Map<String, CharDfa> TEXTS = new ConcurrentHashMap<>();

  private Formats() {}

  private static String duration() {
    String time = "T(?:\\d{1,9}H(?:\\d{1,9}M(?:\\d{1,9}S)?)?|\\d{1,9}M(?:\\d{1,9}S)?|\\d{1,9}S)";
    String date = "(?:\\d{1,9}D|\\d{1,9}M(?:\\d{1,9}D)?|\\d{1,9}Y(?:\\d{1,9}M(?:\\d{1,9}D)?)?)";
    return "P(?:" + date + "(?:" + time + ")?|" + time + "|\\d{1,9}W)";
  }

  /** Eight groups, or fewer with one "::" for at least one that is left out. */
  private static String ipv6() {
    StringBuilder out = new StringBuilder("(?:" + WORD16 + ":){7}" + WORD16);
    for (int before = 0; before <= 6; before++) {
      int after = 6 - before;
      String left = before == 0 ? "" : WORD16 + "(?::" + WORD16 + "){" + (before - 1) + "}";
      String right =
          after == 0 ? "" : "(?:" + WORD16 + "(?::" + WORD16 + "){0," + (after - 1) + "})?";
      out.append('|').append(left).append("::").append(right);
    }
    return out.toString();
  }

  /** Whether a format is known. */
  static boolean has(String format) {
    return EXPRESSIONS.containsKey(format);
  }

  /** The texts of a format; none if it says nothing. One object of each format. */
  static Optional<CharDfa> texts(String format) {
    String expression = EXPRESSIONS.getOrDefault(format, "");
    return expression.isEmpty()
        ? Optional.empty()
        : Optional.of(
            TEXTS.computeIfAbsent(
                format,
                _ -> CharDfa.of(Regex.parse(expression), CharDfa.Match.WHOLE, new Budget())));
  }

  static String names() {
    return String.join(", ", new TreeSet<>(EXPRESSIONS.keySet()));
  }
}
