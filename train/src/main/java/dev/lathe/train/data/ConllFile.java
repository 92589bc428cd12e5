package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.source.RegularFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Sentences in columns, UTF-8: a line for each token, the token in the first column and its tag in
 * the last, with tabs between columns, or spaces where a line has no tab; a blank line between
 * sentences.
 *
 * @param sentences the sentences, in order
 * @see <a href="https://aclanthology.org/W03-0419">Tjong Kim Sang and De Meulder 2003</a>
 */
record ConllFile(List<Sentence> sentences) {
  private static final long MAX_BYTES = 512L << 20;
  private static final Pattern SPACES = Pattern.compile(" +");

  /**
   * A sentence.
   *
   * @param words its tokens, at least one
   * @param tags as many tags
   */
  record Sentence(List<String> words, List<String> tags) {}

  /**
   * Reads a file.
   *
   * @throws LatheException FILE_NOT_FOUND, TOO_LARGE, BAD_DATA with file and line if a line has no
   *     tag or the file no sentence
   */
  static ConllFile read(Path file) {
    List<Sentence> sentences = new ArrayList<>();
    RegularFile.require(file, MAX_BYTES);
    try (BufferedReader lines = Files.newBufferedReader(file)) {
      Sentence open = new Sentence(new ArrayList<>(), new ArrayList<>());
      int number = 0;
      for (String read = lines.readLine(); read != null; read = lines.readLine()) {
        String line = number == 0 ? ByteOrderMark.passed(read) : read;
        number++;
        if (!line.isBlank()) {
          add(open, line, file + ": line " + number);
        } else if (!open.words().isEmpty()) {
          sentences.add(open);
          open = new Sentence(new ArrayList<>(), new ArrayList<>());
        }
      }
      if (!open.words().isEmpty()) {
        sentences.add(open);
      }
    } catch (IOException e) {
      throw RegularFile.unreadable(file, e);
    }
    if (sentences.isEmpty()) {
      throw new LatheException(TrainError.BAD_DATA, file + ": no sentence (expected: at least 1)");
    }
    return new ConllFile(sentences);
  }

  private static void add(Sentence sentence, String line, String place) {
    String[] columns = line.indexOf('\t') >= 0 ? line.split("\t", -1) : SPACES.split(line, -1);
    String word = columns[0].strip();
    String tag = columns[columns.length - 1].strip();
    if (columns.length < 2 || word.isEmpty() || tag.isEmpty()) {
      throw new LatheException(
          TrainError.BAD_DATA,
          place + ": \"" + shortened(line) + "\" (expected: a token, a tab, and its tag)");
    }
    sentence.words().add(word);
    sentence.tags().add(tag);
  }

  private static String shortened(String line) {
    return line.length() <= 80 ? line : line.substring(0, 80) + "…";
  }
}
