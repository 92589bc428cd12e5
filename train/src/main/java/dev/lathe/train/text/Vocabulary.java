package dev.lathe.train.text;

/** Text as whole numbers and back. */
public sealed interface Vocabulary permits CharacterVocabulary, BytePairVocabulary {
  /**
   * The number of tokens.
   *
   * @return V
   */
  int size();

  /**
   * A text's tokens.
   *
   * @param text the text
   * @return tokens 0 to V - 1
   * @throws dev.lathe.ir.LatheException BAD_DATA if the text cannot be written with these tokens
   */
  int[] encode(String text);

  /**
   * The vocabulary as Hugging Face's tokenizers read it.
   *
   * @return the content of {@code tokenizer.json}
   */
  String tokenizerJson();
}
