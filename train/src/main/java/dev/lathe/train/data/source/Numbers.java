package dev.lathe.train.data.source;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import java.nio.charset.StandardCharsets;

/** Numbers out of text, and what is said where there are none. */
final class Numbers {
  static final String EXPECTED = "a finite number";
  private static final int SHOWN = 40;

  private Numbers() {}

  /** A finite number; BAD_DATA at a place that is asked for only then. */
  static float parse(String text, String expected, RecordReader reader, int field) {
    byte[] ascii = text.getBytes(StandardCharsets.UTF_8);
    float value = new Decimal().parse(ascii, 0, ascii.length);
    if (Float.isFinite(value)) {
      return value;
    }
    throw none(text, expected, reader, field);
  }

  /** Whether a cell that is no number says that there is none. */
  static boolean isMissing(String text) {
    return text.isBlank() || text.strip().equalsIgnoreCase("nan");
  }

  /** A number that must fit FLOAT. */
  static float finite(double value, RecordReader reader, int field) {
    float number = (float) value;
    if (!Float.isFinite(number)) {
      throw none(Double.toString(value), EXPECTED, reader, field);
    }
    return number;
  }

  static LatheException none(String found, String expected, RecordReader reader, int field) {
    String shown = found.length() <= SHOWN ? found : found.substring(0, SHOWN) + "…";
    return bad(reader.place(field) + ": \"" + shown + "\" (expected: " + expected + ")");
  }

  static LatheException bad(String message) {
    return new LatheException(TrainError.BAD_DATA, message);
  }
}
