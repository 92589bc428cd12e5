package dev.lathe.train.data;

import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.prepare.QuestionTokens;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.prepare.Tokenizer.TextPair;
import dev.lathe.train.ArchitectureRecipe;
import dev.lathe.train.CancelToken;
import dev.lathe.train.DataDigest;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.QuestionFile.Answer;
import dev.lathe.train.data.QuestionFile.Asked;
import dev.lathe.train.data.Sequences.Classes;
import dev.lathe.train.data.Sequences.Labelled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Follows a recipe from questions and texts to windows with the places of both ends of the answer:
 * those of the first token where a window does not hold it. What is split off has contexts of its
 * own, so that none is both learned from and measured on.
 */
final class PreparingQuestions {
  private static final int FEWEST_PLACES = 8;
  private static final long MAX_TOKENS = 256L << 20;

  private final Recipe recipe;
  private final DataRecipe.Questions data;
  private final Tokenizer tokenizer;
  private final int vocabulary;
  private final Classes classes;
  private long tokens;

  private PreparingQuestions(
      Recipe recipe, DataRecipe.Questions data, Tokenizer tokenizer, int vocabulary) {
    this.recipe = recipe;
    this.data = data;
    this.tokenizer = tokenizer;
    this.vocabulary = vocabulary;
    this.classes = isTyped(recipe.architecture()) ? Classes.OF_PAIR_SPAN : Classes.OF_SPAN;
  }

  static PreparedData of(Recipe recipe, DataRecipe.Questions data, CancelToken cancel) {
    List<Asked> asked = QuestionFile.read(data.train(), cancel).asked();
    Shares<Asked> shares = shares(recipe, data, asked);
    List<DataDigest> digests = new ArrayList<>();
    digests.add(digest("train", data.train(), asked.size()));
    List<Asked> test = shares.test();
    if (!data.test().toString().isEmpty()) {
      test = QuestionFile.read(data.test(), cancel).asked();
      digests.add(digest("test", data.test(), test.size()));
    }
    PairFiles files =
        recipe.architecture() instanceof ArchitectureRecipe.Base
            ? PairFiles.NONE
            : PairFiles.learned(texts(shares.train()), data);
    try (Tokenizer tokenizer =
        recipe.architecture() instanceof ArchitectureRecipe.Base base
            ? PairFiles.beside(base.folder())
            : files.open()) {
      PreparingQuestions preparing =
          new PreparingQuestions(recipe, data, tokenizer, files.vocabulary());
      return new PreparedData(
          preparing.learned(shares.train()),
          preparing.measured(shares.validation()),
          preparing.measured(test),
          Normalizer.none(),
          new Outputs(data.windows().length(), List.of(), files.all()),
          digests);
    }
  }

  private static Shares<Asked> shares(Recipe recipe, DataRecipe.Questions data, List<Asked> asked) {
    Map<String, List<Asked>> contexts = new LinkedHashMap<>();
    asked.forEach(one -> contexts.computeIfAbsent(one.context(), _ -> new ArrayList<>()).add(one));
    Shares<List<Asked>> shares =
        Shares.of(List.copyOf(contexts.values()), recipe.seed(), data.preparation());
    return new Shares<>(flat(shares.train()), flat(shares.validation()), flat(shares.test()));
  }

  private static List<Asked> flat(List<List<Asked>> groups) {
    return groups.stream().flatMap(List::stream).toList();
  }

  private static Stream<String> texts(List<Asked> asked) {
    return Stream.concat(
        asked.stream().map(Asked::question), asked.stream().map(Asked::context).distinct());
  }

  private static boolean isTyped(ArchitectureRecipe architecture) {
    return switch (architecture) {
      case ArchitectureRecipe.Encoder _ -> true;
      case ArchitectureRecipe.Base base ->
          OnnxFile.read(base.model()).graph().input(Sequences.TYPES).isPresent();
      default -> false;
    };
  }

  private Questions learned(List<Asked> asked) {
    List<Labelled> windows = new ArrayList<>();
    asked.forEach(one -> label(one, question(one), windows));
    return new Questions(part(windows), List.of());
  }

  private Questions measured(List<Asked> asked) {
    List<Labelled> windows = new ArrayList<>();
    List<Questions.Question> questions = new ArrayList<>();
    for (Asked one : asked) {
      Questions.Question question = question(one);
      label(one, question, windows);
      questions.add(question);
    }
    return new Questions(part(windows), questions);
  }

  private Sequences part(List<Labelled> windows) {
    int length = Math.max(1, Math.min(data.windows().length(), longest(windows)));
    return new Sequences(windows, new Sequences.Form(length, recipe.batch(), vocabulary, classes));
  }

  /** The network's places are the recipe's, whatever the training part needs of them. */
  private int longest(List<Labelled> windows) {
    return windows.isEmpty() ? 1 : data.windows().length();
  }

  private Questions.Question question(Asked asked) {
    QuestionTokens laid =
        QuestionTokens.of(tokenizer, new TextPair(asked.question(), asked.context()))
            .orElseThrow(
                () ->
                    new LatheException(
                        TrainError.BAD_DATA,
                        asked.where()
                            + ": the tokenizer does not lay the question before the context"));
    int room = data.windows().length() - laid.around();
    if (room < FEWEST_PLACES) {
      throw new LatheException(
          TrainError.BAD_DATA,
          asked.where()
              + ": question of "
              + laid.around()
              + " tokens with what stands around it (expected: at most "
              + (data.windows().length() - FEWEST_PLACES)
              + " in windows of data.length "
              + data.windows().length()
              + ")");
    }
    int stride = Math.min(data.windows().stride(), room / 2);
    tokens += (long) laid.windowCount(room, stride) * data.windows().length();
    if (tokens > MAX_TOKENS) {
      throw new LatheException(
          TrainError.TOO_LARGE,
          asked.where() + ": windows of more than " + MAX_TOKENS + " tokens (expected: fewer)");
    }
    return new Questions.Question(
        laid,
        laid.windows(room, stride),
        asked.context(),
        asked.answers().stream().map(Answer::text).toList());
  }

  private static void label(Asked asked, Questions.Question question, List<Labelled> into) {
    QuestionTokens laid = question.laid();
    int[] ends = {-1, -1};
    if (!asked.answers().isEmpty()) {
      ends = ends(laid, asked.answers().getFirst(), asked.where());
    }
    for (QuestionTokens.Window window : question.windows()) {
      boolean within = ends[0] >= window.from() && ends[1] < window.from() + window.count();
      int shift = laid.first() - window.from();
      into.add(
          new Labelled(
              window.tokens().ids(),
              window.tokens().types(),
              within ? new int[] {ends[0] + shift, ends[1] + shift} : new int[] {0, 0}));
    }
  }

  /** The first and the last of the text's tokens that share a character with the answer. */
  private static int[] ends(QuestionTokens laid, Answer answer, String where) {
    int first = -1;
    int last = -1;
    for (int i = 0; i < laid.count(); i++) {
      int start = laid.all().starts()[laid.first() + i];
      int end = laid.all().ends()[laid.first() + i];
      if (start < answer.end() && end > answer.start()) {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first < 0) {
      throw new LatheException(
          TrainError.BAD_DATA,
          where + ": no token for the answer at " + answer.start() + " (expected: at least one)");
    }
    return new int[] {first, last};
  }

  private static DataDigest digest(String role, Path file, int questions) {
    return new DataDigest(role, String.valueOf(file.getFileName()), Digest.ofFile(file), questions);
  }
}
