package dev.lathe.server.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.lathe.server.Answered.Quote;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

class QuotesTest {
  private static List<Quote> quotes(String answer, String... texts) {
    List<Source> sources =
        IntStream.range(0, texts.length)
            .mapToObj(i -> new Source("d" + i, "documents[" + i + "]", texts[i]))
            .toList();
    return new Quotes(answer).from(sources);
  }

  @Test
  void passage_isFoundWithItsPlaces_inCodePoints() {
    String text = "🌍 The sky is blue because of scattering. 🌍 It is.";
    String answer = "😀 Since you ask: the sky is blue because of scattering, they say.";
    assertThat(quotes(answer, "nothing here", text))
        .containsExactly(
            new Quote(
                "sky is blue because of scattering",
                "d1",
                text.codePointCount(0, text.indexOf("sky")),
                text.codePointCount(0, text.indexOf(". 🌍")),
                answer.codePointCount(0, answer.indexOf("sky"))));
  }

  @Test
  void passagesOfSeveralTexts_standInTheOrderOfTheAnswer() {
    assertThat(quotes("A B C d. And then X Y Z w.", "X Y Z w", "well, A B C d then"))
        .extracting(Quote::text, Quote::document, Quote::start)
        .containsExactly(tuple("A B C d", "d1", 6), tuple("X Y Z w", "d0", 0));
  }

  @Test
  void partsOfWords_andFewWords_areNoQuotes() {
    assertThat(quotes("he art is long here", "she art is longer")).isEmpty();
    assertThat(quotes("it is so, I think", "it is what it was")).isEmpty();
    assertThat(quotes("the sky  is blue", "the sky is")).isEmpty();
  }

  @Test
  void answerOfOneWord_isAQuoteWhole() {
    assertThat(quotes(" Blue.", "It is Blue today."))
        .containsExactly(new Quote("Blue", "d0", 6, 10, 1));
    assertThat(quotes("Blue", "It is blue today.")).isEmpty();
    assertThat(quotes("", "It")).isEmpty();
    assertThat(quotes("...", "...")).isEmpty();
  }

  @Test
  void writingWithoutSpaces_isQuotedByCharacters() {
    assertThat(quotes("答えは空が青い。", "今日は空が青いです")).extracting(Quote::text).containsExactly("は空が青い");
  }

  @Test
  void everyQuote_standsInBoth_andNoLongerOneEndsThere() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      String answer = words(random, 1 + random.nextInt(40));
      String[] texts = {words(random, random.nextInt(60)), words(random, random.nextInt(60))};
      List<Quote> quotes = quotes(answer, texts);
      int end = answer.length();
      List<String> expected = new ArrayList<>();
      while (end > 0) {
        int from = longest(answer, end, texts);
        boolean whole = from == 0 && end == answer.length();
        if (end - from >= 5 || whole) {
          expected.addFirst(answer.substring(from, end));
          end = from - 1;
        } else {
          end -= 2;
        }
      }
      assertThat(quotes).as("seed " + seed).extracting(Quote::text).isEqualTo(expected);
      for (Quote quote : quotes) {
        String text = texts[quote.document().charAt(1) - '0'];
        assertThat(text.substring(quote.start(), quote.end())).isEqualTo(quote.text());
        assertThat(answer.substring(quote.at())).startsWith(quote.text());
      }
    }
  }

  /** Where the longest passage of words of one letter begins that ends there. */
  private static int longest(String answer, int end, String... texts) {
    for (int from = 0; from < end; from += 2) {
      for (String text : texts) {
        if (text.contains(answer.substring(from, end))) {
          return from;
        }
      }
    }
    return end;
  }

  private static String words(Random random, int count) {
    return String.join(
        " ",
        IntStream.range(0, count).mapToObj(i -> "abc".charAt(random.nextInt(3)) + "").toList());
  }

  @Test
  void textsThatRepeatThemselves_takeNoSquareOfTime() {
    String text = "a ".repeat(200_000) + "b ".repeat(200_000);
    String answer = ("a ".repeat(50) + "c " + "! ".repeat(50)).repeat(300);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> assertThat(quotes(answer, text, text)).hasSizeGreaterThan(200));
  }
}
