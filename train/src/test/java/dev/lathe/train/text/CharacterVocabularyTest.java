package dev.lathe.train.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CharacterVocabularyTest {
  @Test
  void characters_areNumberedInTheirOrder() {
    CharacterVocabulary vocabulary = CharacterVocabulary.of("banana\n\uD83D\uDE00");
    assertThat(vocabulary.size()).isEqualTo(5);
    assertThat(vocabulary.encode("an\uD83D\uDE00b\n")).containsExactly(1, 3, 4, 2, 0);
  }

  @Test
  void unknownCharacter_isNamedWithItsPlace() {
    assertThatThrownBy(() -> CharacterVocabulary.of("ab").encode("abz"))
        .hasMessageContaining("character 2: LATIN SMALL LETTER Z")
        .hasMessageContaining("one of the 2 characters");
    assertThatThrownBy(() -> CharacterVocabulary.of("")).hasMessageContaining("0 different");
  }

  @Test
  void tokenizerJson_saysEachCharactersToken() {
    JsonNode json =
        JsonMapper.builder().build().readTree(CharacterVocabulary.of("a\"\n").tokenizerJson());
    JsonNode vocabulary = json.path("model").path("vocab");
    assertThat(vocabulary.size()).isEqualTo(3);
    assertThat(vocabulary.path("\n").asInt()).isZero();
    assertThat(vocabulary.path("\"").asInt()).isEqualTo(1);
    assertThat(vocabulary.path("a").asInt()).isEqualTo(2);
  }

  @Test
  void tokenizerJson_isReadAgain() {
    CharacterVocabulary written = CharacterVocabulary.of("banana\n\uD83D\uDE00");
    Vocabulary read = Vocabulary.parse(written.tokenizerJson());
    assertThat(read.tokenizerJson()).isEqualTo(written.tokenizerJson());
    assertThat(read.decode(read.encode("nab\uD83D\uDE00\n"))).isEqualTo("nab\uD83D\uDE00\n");
  }

  @Test
  void otherTokenizers_areNotTakenForCharacters() {
    String json = CharacterVocabulary.of("ab").tokenizerJson();
    assertThat(CharacterVocabulary.parse(json.replace("\"b\"", "\"bb\""))).isEmpty();
    assertThatThrownBy(() -> Vocabulary.parse("{}")).hasMessageContaining("tokenizer.json");
  }
}
