package dev.lathe.prepare;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import dev.lathe.ir.LatheException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/**
 * Text to tokens and back by a {@code tokenizer.json}, as Hugging Face's tokenizers do it: nothing
 * is cut, nothing filled up. May be used by many threads. Rows of one length, as encoders take
 * them, are made by {@link Tokens}.
 */
public final class Tokenizer implements AutoCloseable {
  private final HuggingFaceTokenizer library;
  private final Vocabulary vocabulary;

  /** Whoever uses the library reads; closing waits for them, since native memory is freed. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;

  private Tokenizer(HuggingFaceTokenizer library, Vocabulary vocabulary) {
    this.library = library;
    this.vocabulary = vocabulary;
  }

  /**
   * Opens a tokenizer.
   *
   * @param file a {@code tokenizer.json}
   * @return the tokenizer; the caller closes it
   * @throws LatheException BAD_TOKENIZER if the file is none; LIBRARY_FAILED if this machine has no
   *     library for it
   */
  public static Tokenizer open(Path file) {
    Vocabulary vocabulary = Vocabulary.of(TokenizerFile.read(file));
    TokenLibrary.require();
    Map<String, String> options = Map.of("padding", "false", "truncation", "false");
    try {
      return new Tokenizer(HuggingFaceTokenizer.newInstance(file, options), vocabulary);
    } catch (IOException | RuntimeException e) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER, file.getFileName() + ": " + e.getMessage(), e);
    }
  }

  /**
   * The tokens of a text.
   *
   * @param text any text; whoever calls bounds its length
   * @param specials whether the file's template adds special tokens; rendered chats have theirs
   *     written in the text already
   * @return the tokens and where they lie in the text
   */
  public Encoded encode(String text, Specials specials) {
    return used(() -> encoded(library.encode(text, specials == Specials.WITH, false)));
  }

  /**
   * The tokens of two texts that belong together, such as a question and a passage.
   *
   * @param pair the texts; places are within the text that the token's type says
   * @param specials whether the file's template adds special tokens
   * @return the tokens
   */
  public Encoded encode(TextPair pair, Specials specials) {
    return used(
        () ->
            encoded(library.encode(pair.first(), pair.second(), specials == Specials.WITH, false)));
  }

  /**
   * The text of some tokens; numbers of no token are passed over.
   *
   * @param ids the tokens
   * @param specials whether special tokens are written out
   * @return the text; characters that are incomplete become U+FFFD
   */
  public String decode(int[] ids, Specials specials) {
    long[] wide = new long[ids.length];
    int count = 0;
    for (int id : ids) {
      if (vocabulary.has(id)) {
        wide[count++] = id;
      }
    }
    long[] known = Arrays.copyOf(wide, count);
    return used(() -> library.decode(known, specials == Specials.WITHOUT));
  }

  /**
   * All tokens.
   *
   * @return the vocabulary
   */
  public Vocabulary vocabulary() {
    return vocabulary;
  }

  /**
   * Makes text of tokens that come one at a time. It needs nothing native: it outlives the
   * tokenizer.
   *
   * @param place where the tokens stand: some decoders drop a space at the start of a text
   * @param specials whether special tokens are written out
   * @return a new stream, for one thread
   * @throws LatheException BAD_TOKENIZER if the file's decoder cannot work token by token
   */
  public Detokenizer stream(Detokenizer.Place place, Specials specials) {
    return new Detokenizer(vocabulary, place, specials);
  }

  /**
   * Two texts that belong together.
   *
   * @param first such as a question
   * @param second such as a passage
   */
  public record TextPair(String first, String second) {}

  private static Encoded encoded(Encoding encoding) {
    long[] ids = encoding.getIds();
    long[] types = encoding.getTypeIds();
    CharSpan[] spans = encoding.getCharTokenSpans();
    Encoded encoded =
        new Encoded(
            new int[ids.length], new int[ids.length], new int[ids.length], new int[ids.length]);
    for (int i = 0; i < ids.length; i++) {
      encoded.ids()[i] = (int) ids[i];
      encoded.types()[i] = (int) types[i];
      if (spans[i] != null) {
        encoded.starts()[i] = spans[i].getStart();
        encoded.ends()[i] = spans[i].getEnd();
      }
    }
    return encoded;
  }

  private <T> T used(Supplier<T> work) {
    use.readLock().lock();
    try {
      if (closed) {
        throw new LatheException(PrepareError.LIBRARY_FAILED, "the tokenizer is closed");
      }
      return work.get();
    } finally {
      use.readLock().unlock();
    }
  }

  /** Waits until nobody uses it any more. */
  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        library.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
