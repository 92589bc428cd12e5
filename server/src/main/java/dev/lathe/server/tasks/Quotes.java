package dev.lathe.server.tasks;

import dev.lathe.server.Answered.Quote;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The passages of an answer that stand in texts, character by character: the longest that end at
 * each word, none over another, of at least {@value #FEWEST_WORDS} words or all words of the
 * answer. Takes time in proportion to the answer and the texts.
 */
final class Quotes {
  private static final int FEWEST_WORDS = 3;

  /** The most code points of an answer that are looked at. */
  private static final int LONGEST = 1 << 16;

  private final Words answer;
  private final WordIndex index;

  Quotes(String answer) {
    this.answer = Words.of(answer, LONGEST);
    this.index = new WordIndex(this.answer);
  }

  List<Quote> from(List<Source> sources) {
    List<Words> texts = sources.stream().map(source -> Words.of(source.text())).toList();
    WordIndex.Match[] matches = index.longest(texts);
    int all = answer.count(0, answer.size());
    List<Quote> quotes = new ArrayList<>();
    int end = answer.size();
    while (end > 0) {
      WordIndex.Match match = matches[end - 1];
      int words = answer.count(end - match.length(), end);
      boolean enough = words >= FEWEST_WORDS || words > 0 && words == all;
      if (enough && answer.isWord(end - 1)) {
        String id = sources.get(match.text()).id();
        quotes.add(quote(end, match, new Text(id, texts.get(match.text()))));
        end -= match.length();
      } else {
        end--;
      }
    }
    Collections.reverse(quotes);
    return quotes;
  }

  private record Text(String id, Words words) {}

  /** A passage from its first word on. */
  private Quote quote(int end, WordIndex.Match match, Text text) {
    int first = end - match.length();
    while (!answer.isWord(first)) {
      first++;
    }
    int back = match.end() - end;
    return new Quote(
        answer.text(first, end),
        text.id(),
        text.words().start(first + back),
        text.words().end(end - 1 + back),
        answer.start(first));
  }
}
