package dev.lathe.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Text as a conversation to learn from. Of pages in Markdown each section answers a question for
 * its heading; of other text each paragraph answers the one before it.
 */
final class Turns {
  private static final int LONGEST = 320;

  private final StringBuilder out = new StringBuilder();
  private String question = "";
  private int turns;

  private Turns() {}

  /** Of pages in Markdown. */
  static Turns ofPages(List<String> pages) {
    Turns turns = new Turns();
    for (String page : pages) {
      turns.page(page);
    }
    return turns;
  }

  /** Of a text with an empty line between paragraphs. */
  static Turns ofText(String text) {
    Turns turns = new Turns();
    List<String> paragraphs = paragraphs(text);
    for (int i = 0; i + 1 < paragraphs.size(); i += 2) {
      turns.add(paragraphs.get(i), paragraphs.get(i + 1));
    }
    return turns;
  }

  private void page(String page) {
    String heading = "";
    boolean first = true;
    for (String paragraph : paragraphs(page)) {
      if (paragraph.startsWith("#")) {
        heading = paragraph.replaceFirst("^#+\\s*", "");
        first = true;
      } else if (!heading.isEmpty() && paragraph.chars().filter(Character::isLetter).count() > 20) {
        add(first ? "What about " + heading + "?" : "More about " + heading + "?", paragraph);
        first = false;
      }
    }
  }

  /** Headings and paragraphs, each as one line. */
  private static List<String> paragraphs(String text) {
    List<String> paragraphs = new ArrayList<>();
    String marked = text.replace("\r", "").replaceAll("(?m)^(#+ .*)$", "\n$1\n");
    for (String block : marked.split("\n\\s*\n")) {
      String line =
          block
              .lines()
              .map(String::strip)
              .filter(l -> !l.isEmpty())
              .collect(Collectors.joining(" "));
      if (!line.isEmpty()) {
        paragraphs.add(line);
      }
    }
    return paragraphs;
  }

  private void add(String asked, String answer) {
    out.append("user: ").append(cut(asked)).append('\n');
    out.append("assistant: ").append(cut(answer)).append('\n');
    question = question.isEmpty() ? cut(asked) : question;
    turns++;
  }

  /** The sentences of a text that are not too long together. */
  private static String cut(String text) {
    if (text.length() <= LONGEST) {
      return text;
    }
    int end = text.lastIndexOf(". ", LONGEST);
    int space = text.lastIndexOf(' ', LONGEST);
    return text.substring(0, end > 0 ? end + 1 : space > 0 ? space : LONGEST);
  }

  /** All turns, a line each. */
  String text() {
    return out.toString();
  }

  /** The first question. */
  String question() {
    return question;
  }

  /** Questions with their answers. */
  int count() {
    return turns;
  }
}
