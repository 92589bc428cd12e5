package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.HuggingFace.Task;
import java.util.List;
import java.util.function.Function;

/** The models of an encoder and a decoder, after BART and after T5, and T5's encoder alone. */
final class Transducers {
  static final List<Family> FAMILIES =
      List.of(
          bart("bart", "BartForConditionalGeneration", BartConfig::bart),
          bart("mbart", "MBartForConditionalGeneration", BartConfig::mbart),
          bart("marian", "MarianMTModel", BartConfig::marian),
          bart("pegasus", "PegasusForConditionalGeneration", BartConfig::pegasus),
          bart("m2m_100", "M2M100ForConditionalGeneration", BartConfig::m2m100),
          t5("t5", "T5ForConditionalGeneration", config -> T5Config.read(config, T5.Part.BOTH)),
          t5("t5", "T5EncoderModel", config -> T5Config.read(config, T5.Part.ENCODER)),
          t5("mt5", "MT5ForConditionalGeneration", config -> T5Config.read(config, T5.Part.BOTH)),
          t5("mt5", "MT5EncoderModel", config -> T5Config.read(config, T5.Part.ENCODER)));

  private Transducers() {}

  private static Family bart(String type, String architecture, Function<Config, Plan> reader) {
    return new Family(type, architecture, Task.TEXT2TEXT_GENERATION, BartConfig.INERT, reader);
  }

  private static Family t5(String type, String architecture, Function<Config, Plan> reader) {
    boolean alone = architecture.endsWith("EncoderModel");
    Task task = alone ? Task.FEATURE_EXTRACTION : Task.TEXT2TEXT_GENERATION;
    Inert inert = alone ? T5Config.INERT.tensors("decoder\\..*") : T5Config.INERT;
    return new Family(type, architecture, task, inert, reader);
  }

  /** Refuses a width that heads cannot share. */
  static void requireHeads(Config config, String key, int heads, int width) {
    if (width % heads != 0) {
      throw Config.bad(
          config.place(key) + ": " + heads + " (expected: a divisor of the width " + width + ")");
    }
  }

  /**
   * A tensor that a file may have under several names: the first that is there. Where there are
   * several, they must be the same.
   */
  static String oneOf(Weights weights, String... names) {
    String found = names[0];
    for (int i = names.length - 1; i >= 0; i--) {
      found = weights.has(names[i]) ? names[i] : found;
    }
    for (String name : names) {
      if (!name.equals(found)) {
        DecoderGraph.tie(weights, name, found);
      }
    }
    return found;
  }
}
