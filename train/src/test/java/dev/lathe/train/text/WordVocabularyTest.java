package dev.lathe.train.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.testkit.Python;
import dev.lathe.train.VocabularyRecipe.Casing;
import dev.lathe.train.VocabularyRecipe.Words;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WordVocabularyTest {
  private static final String TEXT =
      "The cat, the dog and the Cat's hat: café_1 — the end... [CLS]";

  private static WordVocabulary of(int size, int least, Casing casing) {
    return WordVocabulary.of(WordVocabulary.words(TEXT).stream(), new Words(size, least, casing));
  }

  @Test
  void frequentWordsComeFirst_othersAreUnknown() {
    WordVocabulary words = of(100, 2, Casing.LOWER);
    assertThat(words.size()).isEqualTo(3 + 2);
    assertThat(words.encode("the CAT  sat")).containsExactly(3, 4, ClassifierTokens.UNKNOWN);
    assertThat(of(100, 2, Casing.KEPT).encode("the The"))
        .containsExactly(3, ClassifierTokens.UNKNOWN);
    assertThat(words.decode(new int[] {2, 4, 1, 3, 0})).isEqualTo("cat [UNK] the");
    assertThat(of(4, 1, Casing.LOWER).size()).isEqualTo(4);
  }

  @Test
  void specialTokens_areInNoText() {
    assertThat(of(100, 1, Casing.KEPT).encode("[PAD]")).hasSize(3).doesNotContain(0);
    WordVocabulary words = WordVocabulary.of(Stream.of("[PAD]"), new Words(9, 1, Casing.KEPT));
    assertThat(words.number("[PAD]")).isEqualTo(ClassifierTokens.UNKNOWN);
  }

  @Test
  void sizeWithoutRoom_isRefused() {
    assertThatThrownBy(() -> of(3, 1, Casing.KEPT))
        .hasMessage("vocabulary of 3 words (expected: 4 to 1048576)");
  }

  @Test
  void file_isReadByHuggingFacesTokenizers(@TempDir Path folder) throws Exception {
    String python = Python.with("tokenizers");
    WordVocabulary words = of(100, 1, Casing.LOWER);
    Path file = folder.resolve("tokenizer.json");
    Files.writeString(file, ClassifierTokens.classifying(words.tokenizerJson()));
    String script =
        """
        import sys
        from tokenizers import Tokenizer
        print(*Tokenizer.from_file(sys.argv[1]).encode("%s").ids)
        """;
    for (String text : new String[] {"The end: cats & café_1...", "the\\tCat's  HAT — ☃☃ end"}) {
      String found = Python.run(python, script.formatted(text), file).strip();
      String expected =
          Arrays.stream(words.encode(text.replace("\\t", "\t")))
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" "));
      assertThat(found).isEqualTo(ClassifierTokens.CLASS + " " + expected);
    }
  }
}
