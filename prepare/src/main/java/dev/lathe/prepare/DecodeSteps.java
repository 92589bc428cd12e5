package dev.lathe.prepare;

import dev.lathe.prepare.DecodeStages.Stage;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import tools.jackson.databind.JsonNode;

/** The steps of decoding, each as the step of that name in Hugging Face's tokenizers. */
final class DecodeSteps {
  private static final String BROKEN = "\uFFFD";

  private DecodeSteps() {}

  /** Each piece by itself. */
  static Stage mapped(Consumer<String> next, UnaryOperator<String> change) {
    return new Stage() {
      @Override
      public void push(String piece) {
        next.accept(change.apply(piece));
      }

      @Override
      public void finish() {}
    };
  }

  /** No decoder: a space between tokens. */
  static final class Spaced implements Stage {
    private final Consumer<String> next;
    private boolean within;

    Spaced(Consumer<String> next, boolean within) {
      this.next = next;
      this.within = within;
    }

    @Override
    public void push(String piece) {
      next.accept(within ? " " + piece : piece);
      within = true;
    }

    @Override
    public void finish() {}
  }

  /** Byte-level tokens: bytes wait until they are a character. */
  static final class Bytes implements Stage {
    private static final int LONGEST_CHARACTER = 4;

    private final Consumer<String> next;
    private final CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer held = ByteBuffer.allocate(0);

    Bytes(Consumer<String> next) {
      this.next = next;
    }

    @Override
    public void push(String piece) {
      byte[] bytes = ByteLevel.bytes(piece);
      ByteBuffer all = ByteBuffer.allocate(held.remaining() + bytes.length);
      all.put(held).put(bytes).flip();
      CharBuffer out = CharBuffer.allocate(all.remaining() + LONGEST_CHARACTER);
      decoder.decode(all, out, false);
      held = all;
      accept(out);
    }

    @Override
    public void finish() {
      CharBuffer out = CharBuffer.allocate(held.remaining() + LONGEST_CHARACTER);
      decoder.decode(held, out, true);
      decoder.flush(out);
      decoder.reset();
      held = ByteBuffer.allocate(0);
      accept(out);
    }

    private void accept(CharBuffer out) {
      if (out.position() > 0) {
        next.accept(out.flip().toString());
      }
    }
  }

  /** Tokens such as {@code <0x0A>}, each one byte: they wait until they are a character. */
  static final class Fallback implements Stage {
    private static final int FORM = 6;
    private static final int TOP_BIT = 0x80;

    private final Consumer<String> next;
    private final byte[] held = new byte[4];
    private int count;
    private int length;

    Fallback(Consumer<String> next) {
      this.next = next;
    }

    /** The byte that a token stands for; -1 if for none. */
    static int value(String token) {
      if (token.length() != FORM || !token.startsWith("<0x") || token.charAt(5) != '>') {
        return -1;
      }
      int high = Character.digit(token.charAt(3), 16);
      int low = Character.digit(token.charAt(4), 16);
      return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    @Override
    public void push(String piece) {
      int value = value(piece);
      if (value < 0) {
        finish();
        next.accept(piece);
        return;
      }
      if (count > 0 && (value & 0xC0) != TOP_BIT) {
        finish();
      }
      if (count == 0) {
        length = length(value);
      }
      held[count++] = (byte) value;
      if (count == length) {
        String text = new String(held, 0, count, StandardCharsets.UTF_8);
        boolean whole = text.codePointCount(0, text.length()) == 1 && !text.equals(BROKEN);
        boolean spelled = count == 3 && held[0] == (byte) 0xEF && text.equals(BROKEN);
        next.accept(whole || spelled ? text : BROKEN.repeat(count));
        count = 0;
      }
    }

    /** How many bytes the character has that begins so. */
    private static int length(int lead) {
      if (lead < 0xC0) {
        return 1;
      }
      return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    }

    @Override
    public void finish() {
      if (count > 0) {
        next.accept(BROKEN.repeat(count));
        count = 0;
      }
    }
  }

  /** A mark in place of spaces; those of a text's first token are dropped. */
  static final class Metaspace implements Stage {
    private final Consumer<String> next;
    private final String mark;
    private boolean drops;

    Metaspace(Consumer<String> next, String mark, boolean drops) {
      this.next = next;
      this.mark = mark;
      this.drops = drops;
    }

    @Override
    public void push(String piece) {
      next.accept(piece.replace(mark, drops ? "" : " "));
      drops = false;
    }

    @Override
    public void finish() {}
  }

  /**
   * Whether spaces before punctuation go, and where the text begins.
   *
   * @param cleans whether they go
   * @param within whether other text stands before
   */
  record Cleanup(boolean cleans, boolean within) {
    private static final String[][] CHANGES = {
      {" .", "."},
      {" ?", "?"},
      {" !", "!"},
      {" ,", ","},
      {" ' ", "'"},
      {" n't", "n't"},
      {" 'm", "'m"},
      {" do not", " don't"},
      {" 's", "'s"},
      {" 've", "'ve"},
      {" 're", "'re"}
    };

    String apply(String piece) {
      String clean = piece;
      if (cleans) {
        for (String[] change : CHANGES) {
          clean = clean.replace(change[0], change[1]);
        }
      }
      return clean;
    }
  }

  /** Words of pieces: each begins with a space unless it says that it continues. */
  static final class WordPiece implements Stage {
    private final Consumer<String> next;
    private final String prefix;
    private final Cleanup cleanup;
    private boolean within;

    WordPiece(Consumer<String> next, String prefix, Cleanup cleanup) {
      this.next = next;
      this.prefix = prefix;
      this.cleanup = cleanup;
      this.within = cleanup.within();
    }

    @Override
    public void push(String piece) {
      String text = piece;
      if (within) {
        text = piece.startsWith(prefix) ? piece.substring(prefix.length()) : " " + piece;
      }
      within = true;
      next.accept(cleanup.apply(text));
    }

    @Override
    public void finish() {}
  }

  /** Words end with a suffix: a space, except at the end of the text. */
  static final class Suffixed implements Stage {
    private final Consumer<String> next;
    private final String suffix;
    private String held = "";

    Suffixed(Consumer<String> next, String suffix) {
      this.next = next;
      this.suffix = suffix;
    }

    @Override
    public void push(String piece) {
      if (!held.isEmpty()) {
        next.accept(held.replace(suffix, " "));
      }
      held = piece;
    }

    @Override
    public void finish() {
      if (!held.isEmpty()) {
        next.accept(held.replace(suffix, ""));
        held = "";
      }
    }
  }

  /**
   * Some characters off the ends.
   *
   * @param content the character
   * @param start at most so many at the start
   * @param stop at most so many at the end
   */
  record Trim(char content, int start, int stop) {
    private static final int MOST = 64;

    static Trim of(JsonNode json) {
      String content = json.path("content").asString(" ");
      return new Trim(
          content.isEmpty() ? ' ' : content.charAt(0),
          Math.clamp(json.path("start").asInt(0), 0, MOST),
          Math.clamp(json.path("stop").asInt(0), 0, MOST));
    }

    String apply(String piece) {
      int from = 0;
      while (from < Math.min(start, piece.length()) && piece.charAt(from) == content) {
        from++;
      }
      int to = piece.length();
      while (to > Math.max(from, piece.length() - stop) && piece.charAt(to - 1) == content) {
        to--;
      }
      return piece.substring(from, to);
    }
  }

  /** Characters off the ends of the whole text: what may be its end is held back. */
  static final class StripWhole implements Stage {
    private final Consumer<String> next;
    private final Trim trim;
    private final StringBuilder held = new StringBuilder();
    private int left;

    StripWhole(Consumer<String> next, Trim trim, boolean within) {
      this.next = next;
      this.trim = trim;
      this.left = within ? 0 : trim.start();
    }

    @Override
    public void push(String piece) {
      int from = 0;
      while (from < Math.min(left, piece.length()) && piece.charAt(from) == trim.content()) {
        from++;
      }
      left = from < piece.length() ? 0 : left - from;
      held.append(piece, from, piece.length());
      int to = held.length();
      while (to > Math.max(0, held.length() - trim.stop())
          && held.charAt(to - 1) == trim.content()) {
        to--;
      }
      if (to > 0) {
        next.accept(held.substring(0, to));
        held.delete(0, to);
      }
    }

    /** What is held is what goes off the end. */
    @Override
    public void finish() {
      held.setLength(0);
    }
  }
}
