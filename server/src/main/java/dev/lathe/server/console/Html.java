package dev.lathe.server.console;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A piece of a page. Text becomes markup only by {@link #of}, where it is escaped.
 *
 * @param markup well-formed HTML
 */
public record Html(String markup) {
  /** Nothing. */
  public static final Html NONE = new Html("");

  /**
   * Fills a template. Each {@code {}} takes the next part: {@link Html} as it is, a list of it in a
   * row, everything else as escaped text, fit for elements and for attributes in double quotes.
   *
   * @param template markup with holes
   * @param parts as many as there are holes
   * @return the markup
   */
  public static Html of(String template, Object... parts) {
    StringBuilder markup = new StringBuilder();
    int from = 0;
    for (Object part : parts) {
      int hole = template.indexOf("{}", from);
      if (hole < 0) {
        throw new IllegalArgumentException("more parts than holes in: " + template);
      }
      markup.append(template, from, hole).append(text(part));
      from = hole + 2;
    }
    if (template.indexOf("{}", from) >= 0) {
      throw new IllegalArgumentException("more holes than parts in: " + template);
    }
    return new Html(markup.append(template, from, template.length()).toString());
  }

  private static String text(Object part) {
    return switch (part) {
      case Html html -> html.markup();
      case List<?> list -> list.stream().map(Html::text).collect(Collectors.joining());
      default -> escape(String.valueOf(part));
    };
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> escaped.append("&amp;");
        case '<' -> escaped.append("&lt;");
        case '>' -> escaped.append("&gt;");
        case '"' -> escaped.append("&quot;");
        case '\'' -> escaped.append("&#39;");
        default -> escaped.append(c);
      }
    }
    return escaped.toString();
  }
}
