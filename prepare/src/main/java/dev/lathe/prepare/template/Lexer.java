package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Word.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A template's source as words. Newlines after blocks and blanks before them go, as with Jinja2's
 * {@code trim_blocks} and {@code lstrip_blocks}.
 */
final class Lexer {
  private static final int FLAGS = Pattern.UNICODE_CHARACTER_CLASS;
  private static final Pattern OPENING = Pattern.compile("\\{([{%#])([-+]?)");
  private static final Pattern RAW = Pattern.compile("\\s*raw\\s*(-?)%\\}", FLAGS);
  private static final Pattern END_RAW =
      Pattern.compile("\\{%([-+]?)\\s*endraw\\s*([-+]?)%\\}", FLAGS);
  private static final Pattern END_COMMENT = Pattern.compile("([-+]?)#\\}");
  private static final Pattern BLANK = Pattern.compile("\\s+", FLAGS);
  private static final Pattern NAME = Pattern.compile("[\\p{L}_]\\w*", FLAGS);
  private static final Pattern FLOAT =
      Pattern.compile(
          "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+"
              + "|\\.(?:\\d+_)*\\d+)");
  private static final Pattern INTEGER =
      Pattern.compile(
          "0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[\\da-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
  private static final List<String> SIGNS =
      List.of(
          "//", "**", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
          "}", ">", "<", "=", ".", ":", "|", ",", ";");

  private final String source;
  private final List<Word> words = new ArrayList<>();
  private int at;
  private int line = 1;
  private boolean lineStarts = true;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Word> words(String source) {
    String text = source.replace("\r\n", "\n").replace('\r', '\n');
    Lexer lexer = new Lexer(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
    lexer.all();
    return lexer.words;
  }

  private void all() {
    Matcher opening = OPENING.matcher(source);
    while (opening.find(at)) {
      String text = source.substring(at, opening.start());
      char type = opening.group(1).charAt(0);
      data(stripped(text, opening.group(2), type != '{'), text);
      at = opening.end();
      lineStarts = false;
      switch (type) {
        case '{' -> inside(Kind.OPEN_OUTPUT, Kind.CLOSE_OUTPUT, "}}");
        case '#' -> comment();
        default -> {
          Matcher raw = RAW.matcher(source).region(at, source.length());
          if (raw.lookingAt()) {
            raw(raw);
          } else {
            inside(Kind.OPEN_BLOCK, Kind.CLOSE_BLOCK, "%}");
          }
        }
      }
    }
    String rest = source.substring(at);
    data(rest, rest);
    add(Kind.END, "", null);
  }

  /** The text before a tag, without what the tag takes away. */
  private String stripped(String text, String sign, boolean block) {
    if (sign.equals("-")) {
      return Texts.rstrip(text);
    }
    if (block && sign.isEmpty()) {
      int start = text.lastIndexOf('\n') + 1;
      if ((start > 0 || lineStarts) && Texts.isBlank(text.substring(start))) {
        return text.substring(0, start);
      }
    }
    return text;
  }

  private void data(String kept, String text) {
    if (!kept.isEmpty()) {
      add(Kind.DATA, kept, null);
    }
    line += Texts.count(text, '\n');
  }

  private void comment() {
    Matcher end = END_COMMENT.matcher(source);
    if (!end.find(at)) {
      throw new Fault("comment is not closed (expected: #})");
    }
    line += Texts.count(source.substring(at, end.start()), '\n');
    at = end.end();
    closed(end.group(1), true);
  }

  private void raw(Matcher raw) {
    at = raw.end();
    closed(raw.group(1), false);
    Matcher end = END_RAW.matcher(source);
    if (!end.find(at)) {
      throw new Fault("raw is not closed (expected: {% endraw %})");
    }
    String text = source.substring(at, end.start());
    data(stripped(text, end.group(1), true), text);
    at = end.end();
    closed(end.group(2), true);
  }

  /** After a tag's end: blanks go with a minus, one newline without a plus. */
  private void closed(String sign, boolean trims) {
    int from = at;
    if (sign.equals("-")) {
      Matcher blank = BLANK.matcher(source).region(at, source.length());
      at = blank.lookingAt() ? blank.end() : at;
    } else if (trims && sign.isEmpty() && at < source.length() && source.charAt(at) == '\n') {
      at++;
    }
    line += Texts.count(source.substring(from, at), '\n');
    lineStarts = at > from && source.charAt(at - 1) == '\n';
  }

  private void inside(Kind open, Kind close, String end) {
    add(open, end, null);
    Deque<String> brackets = new ArrayDeque<>();
    while (true) {
      if (at >= source.length()) {
        throw new Fault("tag is not closed (expected: " + end + ")");
      }
      if (brackets.isEmpty()) {
        int sign = source.startsWith("-" + end, at) || plus(end) ? 1 : 0;
        if (source.startsWith(end, at + sign)) {
          String said = source.substring(at, at + sign);
          add(close, end, null);
          at += sign + end.length();
          closed(said, end.equals("%}"));
          return;
        }
      }
      word(brackets);
    }
  }

  private boolean plus(String end) {
    return end.equals("%}") && source.startsWith("+" + end, at);
  }

  private void word(Deque<String> brackets) {
    char c = source.charAt(at);
    if (c == '\'' || c == '"') {
      Literals.Quoted quoted = Literals.string(source, at);
      add(Kind.STRING, quoted.value(), null);
      line += Texts.count(source.substring(at, quoted.end()), '\n');
      at = quoted.end();
      return;
    }
    if (matched(BLANK) instanceof String blank) {
      line += Texts.count(blank, '\n');
      at += blank.length();
    } else if (matched(FLOAT) instanceof String number) {
      add(Kind.NUMBER, number, Double.valueOf(number.replace("_", "")));
      at += number.length();
    } else if (matched(INTEGER) instanceof String number) {
      add(Kind.NUMBER, number, Literals.integer(number));
      at += number.length();
    } else if (matched(NAME) instanceof String name) {
      add(Kind.NAME, name, null);
      at += name.length();
    } else {
      sign(brackets);
    }
  }

  private @Nullable String matched(Pattern pattern) {
    Matcher matcher = pattern.matcher(source).region(at, source.length());
    matcher.useTransparentBounds(true);
    return matcher.lookingAt() ? matcher.group() : null;
  }

  private void sign(Deque<String> brackets) {
    for (String sign : SIGNS) {
      if (source.startsWith(sign, at)) {
        switch (sign) {
          case "(" -> brackets.push(")");
          case "[" -> brackets.push("]");
          case "{" -> brackets.push("}");
          case ")", "]", "}" -> {
            if (brackets.isEmpty() || !brackets.pop().equals(sign)) {
              throw new Fault("line " + line + ": unexpected '" + sign + "'");
            }
          }
          default -> {}
        }
        add(Kind.SIGN, sign, null);
        at += sign.length();
        return;
      }
    }
    throw new Fault("line " + line + ": unexpected character '" + source.charAt(at) + "'");
  }

  private void add(Kind kind, String text, @Nullable Object number) {
    words.add(new Word(kind, text, number, line));
  }
}
