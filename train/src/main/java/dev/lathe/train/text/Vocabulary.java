package dev.lathe.train.text;

/** Text as whole numbers and back. */
public sealed interface Vocabulary permits CharacterVocabulary, BytePairVocabulary, WordVocabulary {
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
   * The text of some tokens.
   *
   * @param tokens tokens 0 to V - 1; special ones are left out
   * @return the text
   */
  String decode(int[] tokens);

  /**
   * The vocabulary as Hugging Face's tokenizers read it.
   *
   * @return the content of {@code tokenizer.json}
   */
  String tokenizerJson();

  /**
   * A vocabulary that was written down.
   *
   * @param json the content of a {@code tokenizer.json}: pairs of bytes, or characters
   * @return the vocabulary
   * @throws dev.lathe.ir.LatheException BAD_DATA if it is anything else
   */
  static Vocabulary parse(String json) {
    return CharacterVocabulary.parse(json)
        .<Vocabulary>map(characters -> characters)
        .orElseGet(() -> BytePairVocabulary.parse(json));
  }
}
