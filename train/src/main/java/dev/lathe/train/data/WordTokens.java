package dev.lathe.train.data;

import dev.lathe.prepare.Encoded;
import dev.lathe.prepare.Specials;
import dev.lathe.train.data.ConllFile.Sentence;
import dev.lathe.train.data.Sequences.Labelled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Sentences in words with a tag each, as sequences of a base's tokens. The words stand with a space
 * between them, as they are written; the first token of a word has its tag, others have none. What
 * is longer than the base takes is seen in pieces of whole words.
 *
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 5.3</a>
 */
final class WordTokens {
  private static final int NO_TAG = -1;

  private final TextsOfBase base;
  private final Map<String, Integer> tags;
  private int lost;

  WordTokens(TextsOfBase base, Map<String, Integer> tags) {
    this.base = base;
    this.tags = tags;
  }

  /** The sequences of some sentences. */
  List<Labelled> sequences(List<Sentence> sentences) {
    List<Labelled> all = new ArrayList<>();
    for (int i = 0; i < sentences.size(); i++) {
      Sentence sentence = sentences.get(i);
      int from = 0;
      while (from < sentence.words().size()) {
        from += piece(sentence, from, "sentence " + (i + 1), all);
      }
    }
    return all;
  }

  /** Adds what fits of a sentence from a word on; returns how many words that are. */
  private int piece(Sentence sentence, int from, String where, List<Labelled> into) {
    int to = Math.min(sentence.words().size(), from + base.length());
    Encoded encoded = encoded(sentence, from, to, where);
    if (encoded.length() > base.length()) {
      to = from + fitting(sentence, from, to, encoded);
      encoded = encoded(sentence, from, to, where);
    }
    into.add(labelled(sentence, from, to, encoded));
    return to - from;
  }

  private Encoded encoded(Sentence sentence, int from, int to, String where) {
    String text = String.join(" ", sentence.words().subList(from, to));
    return base.encode(text, Specials.WITH, where);
  }

  /** Words, at least one, whose tokens leave room for the special ones behind. */
  private int fitting(Sentence sentence, int from, int to, Encoded encoded) {
    int room = base.length() - TextsOfBase.specialsBehind(encoded);
    int after = room > 0 ? encoded.starts()[room] : 0;
    int end = -1;
    for (int word = from; word < to; word++) {
      end += 1 + length(sentence, word);
      if (end > after) {
        return Math.max(1, word - from);
      }
    }
    return to - from;
  }

  private static int length(Sentence sentence, int word) {
    String text = sentence.words().get(word);
    return text.codePointCount(0, text.length());
  }

  /** A single word that is too long loses its end. */
  private Labelled labelled(Sentence sentence, int from, int to, Encoded encoded) {
    int[] classes = new int[encoded.length()];
    Arrays.fill(classes, NO_TAG);
    int start = 0;
    int token = 0;
    for (int word = from; word < to; word++) {
      int end = start + length(sentence, word);
      while (token < classes.length && encoded.ends()[token] <= start) {
        token++;
      }
      if (token < classes.length && encoded.starts()[token] < end) {
        classes[token++] = tags.get(sentence.tags().get(word));
      } else {
        lost++;
      }
      start = end + 1;
    }
    int kept = Math.min(classes.length, base.length());
    return new Labelled(
        Arrays.copyOf(encoded.ids(), kept),
        Arrays.copyOf(encoded.types(), kept),
        Arrays.copyOf(classes, kept));
  }

  /** What whoever asked should know. */
  List<String> remarks() {
    return lost == 0
        ? List.of()
        : List.of(
            lost + " words have no token of the base's tokenizer, and their tags are not learned");
  }
}
