package dev.lathe.prepare;

import dev.lathe.prepare.Tokenizer.TextPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A question and the text that it is about, as a tokenizer lays pairs: what stands before, the
 * text's tokens, what stands behind. A text that is longer than a model takes is seen through
 * windows, each with the question before it.
 *
 * @param all tokens of the pair
 * @param first the place of the text's first token
 * @param count tokens of the text
 * @see <a href="https://arxiv.org/abs/1810.04805">Devlin et al. 2019, section 4.3</a>
 */
public record QuestionTokens(Encoded all, int first, int count) {
  /**
   * A part of the text with the question before it.
   *
   * @param tokens its tokens; they have no places in the text
   * @param from the text's token that stands first in it
   * @param count tokens of the text in it
   */
  public record Window(Encoded tokens, int from, int count) {}

  /**
   * Lays a question before a text.
   *
   * @param tokenizer the model's
   * @param pair the question, then the text
   * @return the tokens; empty if the tokenizer lays pairs otherwise, or the text has no token
   */
  public static Optional<QuestionTokens> of(Tokenizer tokenizer, TextPair pair) {
    Encoded all = tokenizer.encode(pair, Specials.WITH);
    int[] own = tokenizer.encode(pair.second(), Specials.WITHOUT).ids();
    for (int first = all.length() - own.length; first > 0 && own.length > 0; first--) {
      if (Arrays.equals(all.ids(), first, first + own.length, own, 0, own.length)) {
        return Optional.of(new QuestionTokens(all, first, own.length));
      }
    }
    return Optional.empty();
  }

  /**
   * Tokens that stand around the text's in every window.
   *
   * @return their number: the question's and the tokenizer's own
   */
  public int around() {
    return all.length() - count;
  }

  /**
   * How many windows the text needs.
   *
   * @param room tokens of the text in a window, more than the stride
   * @param stride tokens that neighbours share, from 0
   * @return their number, from 1
   */
  public int windowCount(int room, int stride) {
    int step = room - stride;
    return 1 + Math.max(0, (count - stride - 1) / step);
  }

  /**
   * The windows, from the text's beginning.
   *
   * @param room tokens of the text in a window, more than the stride
   * @param stride tokens that neighbours share, from 0
   * @return at least one; every token of the text is in one
   */
  public List<Window> windows(int room, int stride) {
    List<Window> windows = new ArrayList<>();
    for (int i = 0; i < windowCount(room, stride); i++) {
      int from = i * (room - stride);
      int some = Math.min(room, count - from);
      windows.add(new Window(cut(from, some), from, some));
    }
    return windows;
  }

  private Encoded cut(int from, int some) {
    return new Encoded(
        cut(all.ids(), from, some), cut(all.types(), from, some), new int[0], new int[0]);
  }

  private int[] cut(int[] values, int from, int some) {
    int behind = first + count;
    int[] part = Arrays.copyOf(values, first + some + values.length - behind);
    System.arraycopy(values, first + from, part, first, some);
    System.arraycopy(values, behind, part, first + some, values.length - behind);
    return part;
  }
}
