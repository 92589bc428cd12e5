package dev.lathe.train.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.DataRecipe.Texts;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ByteOrderMarkTest {
  @TempDir Path folder;

  private Path file(String name, String text) throws Exception {
    return Files.writeString(folder.resolve(name), text);
  }

  @Test
  void taggedWords_beginAfterIt() throws Exception {
    ConllFile read = ConllFile.read(file("a", "\uFEFFRome\tB-LOC\nsleeps\tO\n"));
    assertThat(read).isEqualTo(ConllFile.read(file("b", "Rome\tB-LOC\nsleeps\tO\n")));
    assertThat(ConllFile.read(file("c", "\uFEFF\nRome\tB-LOC\n")).sentences()).hasSize(1);
  }

  @Test
  void sentences_beginAfterIt_butNotAfterAnother() throws Exception {
    Path source = file("a", "\uFEFFein Hund\n\uFEFFzwei\n");
    Path target = file("b", "\uFEFFa dog\ntwo\n");
    ParallelText read = ParallelText.read(new Texts(source, target));
    assertThat(read.source()).containsExactly("ein Hund", "\uFEFFzwei");
    assertThat(read.target()).containsExactly("a dog", "two");
  }
}
