package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Word.Kind;
import java.util.List;

/** The words of a template, read from left to right. */
final class Words {
  private static final int DEEPEST = 120;

  private final List<Word> words;
  private int at;
  private int depth;

  Words(List<Word> words) {
    this.words = words;
  }

  Word now() {
    return words.get(at);
  }

  Word later() {
    return words.get(Math.min(at + 1, words.size() - 1));
  }

  Word take() {
    Word word = now();
    if (word.kind() != Kind.END) {
      at++;
    }
    return word;
  }

  boolean skip(String sign) {
    if (now().is(sign)) {
      take();
      return true;
    }
    return false;
  }

  boolean skipName(String name) {
    if (now().named(name)) {
      take();
      return true;
    }
    return false;
  }

  void expect(String sign) {
    if (!skip(sign)) {
      throw unexpected("'" + sign + "'");
    }
  }

  Word expect(Kind kind) {
    if (now().kind() != kind) {
      throw unexpected(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
    }
    return take();
  }

  Fault unexpected(String expected) {
    return new Fault(
        "line " + now().line() + ": " + now().shown() + " (expected: " + expected + ")");
  }

  /** Into a part of the whole; bounded, since whoever reads calls itself. */
  void enter() {
    if (++depth > DEEPEST) {
      throw new Fault("line " + now().line() + ": nested more than " + DEEPEST + " deep");
    }
  }

  void leave() {
    depth--;
  }
}
