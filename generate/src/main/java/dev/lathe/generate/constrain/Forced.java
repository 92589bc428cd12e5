package dev.lathe.generate.constrain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Tokens that must come whatever the model says. Where only one text can follow, it is written as
 * the tokenizer writes it; tokens at its end that could be others if more text followed are left to
 * the model.
 */
final class Forced {
  private static final int LONGEST = 4096;
  private static final int[] NONE = {};

  private final TokenTable table;
  private final Optional<Spelling> spelling;

  Forced(TokenTable table, Optional<Spelling> spelling) {
    this.table = table;
    this.spelling = spelling;
  }

  int[] tokens(Place place) {
    byte[] bytes = new byte[LONGEST];
    int count = 0;
    Place at = place;
    while (count < LONGEST) {
      int only = at.onlyByte();
      if (only < 0) {
        break;
      }
      bytes[count++] = (byte) only;
      at = at.next(only);
    }
    if (count == 0) {
      return NONE;
    }
    if ((bytes[0] & 0xFF) == 0xFF) {
      return count < 4 ? NONE : special(bytes);
    }
    int[] spelled = spelled(Arrays.copyOf(bytes, whole(bytes, count)));
    if (spelled.length > 0) {
      return prefix(spelled, bytes, count, at);
    }
    return only(place);
  }

  private static int[] special(byte[] bytes) {
    return new int[] {(bytes[1] & 0xFF) << 16 | (bytes[2] & 0xFF) << 8 | bytes[3] & 0xFF};
  }

  /** Up to the last character that is complete, and before a special token. */
  private static int whole(byte[] bytes, int count) {
    int end = count;
    for (int i = 0; i < end; i++) {
      if ((bytes[i] & 0xFF) == 0xFF) {
        end = i;
      }
    }
    int start = end - 1;
    while (start > 0 && (bytes[start] & 0xC0) == 0x80) {
      start--;
    }
    int lead = bytes[start] & 0xFF;
    int length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    return start + length <= end ? end : start;
  }

  /** The tokenizer's tokens, if they are just these bytes. */
  private int[] spelled(byte[] bytes) {
    if (spelling.isEmpty() || bytes.length == 0) {
      return NONE;
    }
    int[] tokens = spelling.get().tokens(new String(bytes, StandardCharsets.UTF_8));
    int at = 0;
    for (int token : tokens) {
      byte[] part = token < 0 || token >= table.size() ? new byte[0] : table.bytes(token);
      int stop = at + part.length;
      if (part.length == 0
          || stop > bytes.length
          || !Arrays.equals(part, 0, part.length, bytes, at, stop)) {
        return NONE;
      }
      at = stop;
    }
    return at == bytes.length ? tokens : NONE;
  }

  /** The tokens before the first place from which a longer token could begin. */
  private int[] prefix(int[] tokens, byte[] bytes, int count, Place after) {
    if (after.finished()) {
      return tokens;
    }
    int open = count;
    for (int from = Math.max(0, count - table.longest()); from < open; from++) {
      for (TokenTrie trie : table.tries()) {
        int node = trie.find(bytes, from, count);
        if (node >= 0 && goesOn(trie, node, after)) {
          open = from;
        }
      }
    }
    int at = 0;
    int kept = 0;
    while (kept < tokens.length && at + table.bytes(tokens[kept]).length <= open) {
      at += table.bytes(tokens[kept++]).length;
    }
    return Arrays.copyOf(tokens, kept);
  }

  private static boolean goesOn(TokenTrie trie, int node, Place after) {
    for (int child = node + 1; child < trie.stop(node); child = trie.stop(child)) {
      if (!after.next(trie.label(child)).dead()) {
        return true;
      }
    }
    return false;
  }

  private int[] only(Place place) {
    long[] bits = place.allowed();
    if (place.mayEnd() || Place.count(bits, 2) != 1) {
      return NONE;
    }
    for (int i = 0; i < bits.length; i++) {
      if (bits[i] != 0) {
        return new int[] {i * 64 + Long.numberOfTrailingZeros(bits[i])};
      }
    }
    return NONE;
  }
}
