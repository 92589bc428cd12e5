package dev.lathe.examples.questions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Texts of a few made-up facts, and questions about them, as a file of {@code format: questions}.
 * People, towns and firms have names put together from syllables, so that a text almost never has
 * names that another one has: to answer, a model must find the sentence that the question speaks of
 * and read on from there. Some questions are about things that the text does not tell.
 *
 * <pre>java examples/src/main/java/dev/lathe/examples/questions/Facts.java facts.jsonl 2000 1</pre>
 */
public final class Facts {
  private static final int FACTS = 4;
  private static final int QUESTIONS = 3;
  private static final int UNANSWERED = 12;
  private static final String[] SYLLABLES =
      ("ba be bi bo da de di do fa fe fi fo ga ge gi go ka ke ki ko la le li lo ma me mi mo na ne"
              + " ni no pa pe pi po ra re ri ro sa se si so ta te ti to va ve vi vo")
          .split(" ");
  private static final String[] JOBS =
      "baker miller tailor doctor teacher sailor farmer painter singer lawyer judge nurse"
          .split(" ");
  private static final String[] BEASTS =
      "horse cat dog goat hen parrot donkey sheep rabbit cow tortoise pony".split(" ");
  private static final String[] COLOURS =
      "red white black brown grey yellow spotted golden".split(" ");

  /**
   * What can be said of somebody and asked: %1$s is who, %2$s what.
   *
   * @param value what the answer is
   * @param sentences ways to say it
   * @param questions ways to ask for the answer
   */
  private record Kind(Value value, List<String> sentences, List<String> questions) {}

  private enum Value {
    TOWN,
    PERSON,
    FIRM,
    JOB,
    BEAST,
    YEAR
  }

  private static final List<Kind> KINDS =
      List.of(
          new Kind(
              Value.TOWN,
              List.of("%1$s was born in %2$s.", "The birthplace of %1$s is %2$s."),
              List.of("Where was %1$s born?", "What is the birthplace of %1$s?")),
          new Kind(
              Value.PERSON,
              List.of("%1$s is married to %2$s.", "The wedding of %1$s and %2$s was a feast."),
              List.of("Who is %1$s married to?", "Who is the spouse of %1$s?")),
          new Kind(
              Value.FIRM,
              List.of("%1$s founded the firm %2$s.", "The firm %2$s belongs to %1$s."),
              List.of("What firm did %1$s found?", "Which firm belongs to %1$s?")),
          new Kind(
              Value.JOB,
              List.of("%1$s works as a %2$s.", "For many years %1$s has been a %2$s."),
              List.of("What is the job of %1$s?", "What does %1$s work as?")),
          new Kind(
              Value.BEAST,
              List.of("%1$s owns a %2$s.", "A %2$s follows %1$s everywhere."),
              List.of("Which animal does %1$s own?", "What kind of animal does %1$s have?")),
          new Kind(
              Value.YEAR,
              List.of("%1$s left school in %2$s.", "In %2$s %1$s left school."),
              List.of("When did %1$s leave school?", "In which year did %1$s leave school?")));

  private final Random random;

  private Facts(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Writes a file.
   *
   * @param args the file, how many texts, and a seed
   * @throws IOException if it cannot be written
   */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println("usage: Facts FILE TEXTS SEED");
      return;
    }
    write(Path.of(args[0]), Integer.parseInt(args[1]), Long.parseLong(args[2]));
  }

  /**
   * Writes a file of questions, three about each text; every twelfth has no answer.
   *
   * @param file where to
   * @param texts how many texts
   * @param seed what they come from
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, int texts, long seed) throws IOException {
    Facts facts = new Facts(seed);
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < texts; i++) {
      facts.text(lines);
    }
    Files.write(file, lines);
  }

  /** A fact and the question that it answers. */
  private record Fact(String sentence, String question, String answer) {}

  /** Different things about two people, in any order. */
  private void text(List<String> lines) {
    List<Kind> kinds = new ArrayList<>(KINDS);
    Collections.shuffle(kinds, random);
    List<String> people = List.of(name(), name());
    List<Fact> facts =
        kinds.subList(0, FACTS).stream().map(kind -> fact(kind, one(people))).toList();
    String context = String.join(" ", facts.stream().map(Fact::sentence).toList());
    List<Fact> asked = new ArrayList<>(facts);
    Collections.shuffle(asked, random);
    for (Fact fact : asked.subList(0, QUESTIONS)) {
      if (random.nextInt(UNANSWERED) == 0) {
        Kind other = kinds.get(FACTS + random.nextInt(kinds.size() - FACTS));
        lines.add(line(one(other.questions()).formatted(one(people)), context, -1, ""));
      } else {
        int start = context.indexOf(fact.sentence()) + fact.sentence().lastIndexOf(fact.answer());
        lines.add(line(fact.question(), context, start, fact.answer()));
      }
    }
  }

  private Fact fact(Kind kind, String who) {
    String what = value(kind.value());
    return new Fact(
        one(kind.sentences()).formatted(who, what), one(kind.questions()).formatted(who), what);
  }

  private String value(Value value) {
    return switch (value) {
      case PERSON -> name();
      case TOWN -> name() + "burg";
      case FIRM -> name() + " and Sons";
      case JOB -> one(List.of(JOBS));
      case BEAST -> one(List.of(COLOURS)) + " " + one(List.of(BEASTS));
      case YEAR -> Integer.toString(1850 + random.nextInt(150));
    };
  }

  /** A name of three syllables. */
  private String name() {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      name.append(SYLLABLES[random.nextInt(SYLLABLES.length)]);
    }
    name.setCharAt(0, Character.toUpperCase(name.charAt(0)));
    return name.toString();
  }

  private String one(List<String> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /** Everything here is letters, digits and punctuation that JSON takes as it is. */
  private static String line(String question, String context, int start, String answer) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("question", "\"" + question + "\"");
    parts.put("context", "\"" + context + "\"");
    parts.put(
        "answers",
        start < 0
            ? "{\"text\": [], \"answer_start\": []}"
            : "{\"text\": [\"" + answer + "\"], \"answer_start\": [" + start + "]}");
    return "{"
        + String.join(
            ", ",
            parts.entrySet().stream()
                .map(part -> "\"" + part.getKey() + "\": " + part.getValue())
                .toList())
        + "}";
  }
}
