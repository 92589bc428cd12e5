package dev.lathe.transform.decoder;

import java.util.Set;
import java.util.stream.Stream;

/** What the inputs and outputs of a decoder with a cache are called. */
public final class CacheNames {
  /** The domain of ONNX Runtime's own operators. */
  public static final String CONTRIB = "com.microsoft";

  /** New tokens, INT64 [B, S]. */
  public static final String INPUT_IDS = "input_ids";

  /** The length of each row after the run, minus 1, INT32 [B]. */
  public static final String LENGTHS = "seqlens_k";

  /** The largest length of a row after the run, INT32 []. */
  public static final String TOTAL = "total_sequence_length";

  /** The place of each new token in its sequence, INT64 [B, S]. */
  public static final String POSITIONS = "position_ids";

  /** Which of the B·S new tokens logits are wanted for, INT64 [R]. */
  public static final String ROWS = "logits_rows";

  /** Logits, FLOAT [R, V]. */
  public static final String LOGITS = "logits";

  /** What keys and values of an encoder are called, up to the layer. */
  static final String CROSS = "cross_key_values.";

  /** Which tokens of a source are no padding, INT64 [B, M]. */
  public static final String MASK = "attention_mask";

  /** What is added to scores by an encoder that knows its padding itself, FLOAT [B, 1, 1, M]. */
  public static final String CROSS_MASK = "cross_attention_mask";

  private CacheNames() {}

  /** Whether a value is called like an input or output of a decoder with a cache. */
  static boolean isReserved(String value) {
    return Set.of(INPUT_IDS, LENGTHS, TOTAL, POSITIONS, ROWS, LOGITS, MASK, CROSS_MASK)
            .contains(value)
        || Stream.of(CROSS, "past_key_values.", "present.").anyMatch(value::startsWith);
  }

  /**
   * Past keys of a layer.
   *
   * @param layer from 0
   * @return the input's name
   */
  public static String pastKey(int layer) {
    return "past_key_values." + layer + ".key";
  }

  /**
   * Past values of a layer.
   *
   * @param layer from 0
   * @return the input's name
   */
  public static String pastValue(int layer) {
    return "past_key_values." + layer + ".value";
  }

  /**
   * Keys that a layer takes of an encoder.
   *
   * @param layer from 0
   * @return the input's name, which is the encoder's output too
   */
  public static String crossKey(int layer) {
    return CROSS + layer + ".key";
  }

  /**
   * Values that a layer takes of an encoder.
   *
   * @param layer from 0
   * @return the input's name, which is the encoder's output too
   */
  public static String crossValue(int layer) {
    return CROSS + layer + ".value";
  }

  /**
   * Keys of a layer after the run.
   *
   * @param layer from 0
   * @return the output's name
   */
  public static String presentKey(int layer) {
    return "present." + layer + ".key";
  }

  /**
   * Values of a layer after the run.
   *
   * @param layer from 0
   * @return the output's name
   */
  public static String presentValue(int layer) {
    return "present." + layer + ".value";
  }
}
