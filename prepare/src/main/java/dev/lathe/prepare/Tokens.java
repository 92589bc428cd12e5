package dev.lathe.prepare;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import tools.jackson.databind.JsonNode;

/**
 * Texts as whole numbers by a {@code tokenizer.json}, as Hugging Face's tokenizers make them.
 * Special tokens are added as the file says; cutting and padding are done as {@link Form} says,
 * whatever the file says about them. May be used by many threads.
 */
public final class Tokens implements AutoCloseable {
  private static final Set<String> PAD_NAMES = Set.of("[PAD]", "<pad>", "<|padding|>", "<PAD>");

  private final HuggingFaceTokenizer tokenizer;
  private final Form form;
  private final int pad;

  /** Whoever encodes reads; closing waits for them, since native memory is freed. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;

  private Tokens(HuggingFaceTokenizer tokenizer, Form form, int pad) {
    this.tokenizer = tokenizer;
    this.form = form;
    this.pad = pad;
  }

  /** What happens to a text of more tokens than there may be. */
  public enum Excess {
    /** Its end is cut off; special tokens stay. */
    CUT,
    /** It is refused. */
    REFUSE
  }

  /** To which length shorter texts are filled up. */
  public enum Padding {
    /** To that of the longest text beside them. */
    LONGEST,
    /** To the most that there may be. */
    FULL
  }

  /**
   * What becomes of texts that are too long, and of those shorter than others.
   *
   * @param length the most tokens of a text
   * @param characters the most characters of a text, whatever its tokens
   * @param excess what happens to a text of more tokens
   * @param padding to which length texts are filled up
   */
  public record Form(int length, int characters, Excess excess, Padding padding) {}

  /**
   * Some texts as numbers; all arrays are [N, L], row-major: N texts, L tokens.
   *
   * @param ids the tokens
   * @param mask 1 where a token is, 0 where the row is filled up
   * @param types the tokens' part of the text, 0 for the first
   * @param length L
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Batch(long[] ids, long[] mask, long[] types, int length) {}

  /**
   * Opens a tokenizer.
   *
   * @param file a {@code tokenizer.json}
   * @param form what becomes of long and short texts
   * @return the tokenizer; the caller closes it
   * @throws LatheException BAD_TOKENIZER if the file is none; LIBRARY_FAILED if this machine has no
   *     library for it
   */
  public static Tokens open(Path file, Form form) {
    int pad = pad(file);
    TokenLibrary.require();
    Map<String, String> options =
        Map.of(
            "addSpecialTokens",
            "true",
            "padding",
            "false",
            "truncation",
            Boolean.toString(form.excess() == Excess.CUT),
            "maxLength",
            Integer.toString(form.length()),
            "modelMaxLength",
            Integer.toString(form.length()));
    try {
      return new Tokens(HuggingFaceTokenizer.newInstance(file, options), form, pad);
    } catch (IOException | RuntimeException e) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER, file.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The tokens of some texts.
   *
   * @param texts at least one
   * @return one row for each text
   * @throws LatheException BAD_TEXT naming the first text that is too long
   */
  public Batch encode(List<String> texts) {
    use.readLock().lock();
    try {
      if (closed) {
        throw new LatheException(PrepareError.LIBRARY_FAILED, "the tokenizer is closed");
      }
      return rows(texts);
    } finally {
      use.readLock().unlock();
    }
  }

  private Batch rows(List<String> texts) {
    Encoding[] rows = new Encoding[texts.size()];
    int length = form.padding() == Padding.FULL ? form.length() : 0;
    for (int i = 0; i < rows.length; i++) {
      rows[i] = encode(i, texts.get(i));
      length = Math.max(length, rows[i].getIds().length);
    }
    int size = Math.multiplyExact(rows.length, length);
    Batch batch = new Batch(new long[size], new long[size], new long[size], length);
    Arrays.fill(batch.ids(), pad);
    for (int i = 0; i < rows.length; i++) {
      long[] ids = rows[i].getIds();
      int at = i * length;
      System.arraycopy(ids, 0, batch.ids(), at, ids.length);
      System.arraycopy(rows[i].getTypeIds(), 0, batch.types(), at, ids.length);
      Arrays.fill(batch.mask(), at, at + ids.length, 1);
    }
    return batch;
  }

  private Encoding encode(int place, String text) {
    if (text.length() > form.characters()) {
      throw tooLong(place, text.length() + " characters", form.characters());
    }
    Encoding encoding = tokenizer.encode(text, true, false);
    int tokens = encoding.getIds().length;
    if (tokens > form.length()) {
      throw tooLong(place, tokens + " tokens", form.length());
    }
    return encoding;
  }

  private static LatheException tooLong(int place, String found, int most) {
    return new LatheException(
        PrepareError.BAD_TEXT,
        "text " + place + ": " + found + " (expected: at most " + most + ")");
  }

  /** The token that fills up, as the file says; 0 if it says nothing. */
  private static int pad(Path file) {
    JsonNode json = TokenizerFile.read(file);
    JsonNode said = json.path("padding").path("pad_id");
    if (said.isInt()) {
      return said.intValue();
    }
    for (JsonNode token : json.path("added_tokens")) {
      if (PAD_NAMES.contains(token.path("content").asString(""))) {
        return token.path("id").asInt(0);
      }
    }
    return 0;
  }

  /** Waits until nobody encodes any more. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        tokenizer.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
