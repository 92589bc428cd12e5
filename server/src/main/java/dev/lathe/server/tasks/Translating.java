package dev.lathe.server.tasks;

import dev.lathe.generate.Hypothesis;
import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.Sitting;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Vocabulary;
import dev.lathe.server.ServerError;
import dev.lathe.server.TranslateRequest;
import dev.lathe.server.Translated;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Texts written anew by a model of an encoder and a decoder.
 *
 * @param model tokenizer and settings
 * @param writer the model itself
 * @param request the texts and how
 */
record Translating(TaskModel model, SequenceModel writer, TranslateRequest request) {
  private static final int MOST_TOKENS = 4096;

  /** What a text that says nothing becomes. */
  private static final Translated.Translation NOTHING =
      new Translated.Translation("", 0, List.of());

  /** What takes longer is too much for one request. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  /** Tokens of languages: {@code eng_Latn}, {@code en_XX}, {@code __en__}. */
  private static final Pattern LANGUAGE =
      Pattern.compile("[a-z]{2,3}_[A-Z][A-Za-z]{1,7}|__[a-z]{2,8}__");

  /**
   * Writes.
   *
   * @param sitting who waits
   */
  Translated translated(Sitting sitting) {
    Bounds.requireTexts("texts", request.texts());
    WritingRules rules = rules();
    int more = request.alternatives().orElse(0);
    if (more < 0 || more > rules.beams().count() - 1) {
      throw Bounds.bad(
          "alternatives: "
              + more
              + " (expected: 0 to "
              + (rules.beams().count() - 1)
              + ", one less than beams)");
    }
    String prefix = prefix();
    List<long[]> sources = new ArrayList<>();
    for (int i = 0; i < request.texts().size(); i++) {
      if (!request.texts().get(i).isBlank()) {
        sources.add(source(i, prefix + request.texts().get(i)));
      }
    }
    long end = System.nanoTime() + LIMIT.toNanos();
    List<List<Hypothesis>> found =
        writer.write(sources, rules, sitting.also(() -> requireTime(end)));
    Iterator<List<Hypothesis>> next = found.iterator();
    return new Translated(
        model.version().model().toString(),
        model.version().version(),
        request.texts().stream()
            .map(text -> text.isBlank() ? NOTHING : translation(next.next(), more))
            .toList(),
        sources.stream().mapToInt(source -> source.length).sum(),
        found.stream().mapToInt(each -> each.getFirst().tokens().length - 1).sum());
  }

  private Translated.Translation translation(List<Hypothesis> found, int more) {
    List<Translated.Alternative> alternatives =
        found.stream()
            .skip(1)
            .limit(more)
            .map(other -> new Translated.Alternative(text(other), other.score()))
            .toList();
    Hypothesis best = found.getFirst();
    return new Translated.Translation(text(best), best.score(), alternatives);
  }

  private static void requireTime(long end) {
    if (System.nanoTime() > end) {
      throw new LatheException(
          ServerError.BUSY,
          "the texts take longer than " + LIMIT.toMinutes() + " min (expected: fewer texts)");
    }
  }

  private String text(Hypothesis hypothesis) {
    return model.tokenizer().decode(writer.inner(hypothesis), Specials.WITHOUT).strip();
  }

  private WritingRules rules() {
    WritingRules rules = writer.rules();
    if (request.beams().isPresent()) {
      rules = rules.withBeams(request.beams().get());
    }
    int most = Math.min(MOST_TOKENS, rules.lengths().most());
    int asked = Bounds.number("max_tokens", request.maxTokens(), most - 1, MOST_TOKENS);
    rules = rules.withLongest(Math.min(asked + 1, Math.max(2, most)));
    if (request.target().isPresent() && prefix().isEmpty()) {
      rules = rules.withFirst(language(request.target().get(), "target"));
    }
    return rules;
  }

  /** What a model that was told its task in words wants to read first. */
  private String prefix() {
    String code = ">>" + request.target().orElse("") + "<<";
    if (model.tokenizer().vocabulary().id(code).isPresent()) {
      return code + " ";
    }
    JsonNode tasks = model.files().config().path("task_specific_params");
    if (request.source().isEmpty() || request.target().isEmpty()) {
      return "";
    }
    String name = "translation_" + request.source().get() + "_to_" + request.target().get();
    return tasks.path(name).path("prefix").asString("");
  }

  private int language(String asked, String what) {
    Vocabulary vocabulary = model.tokenizer().vocabulary();
    return Optional.of(asked)
        .filter(name -> LANGUAGE.matcher(name).matches())
        .map(vocabulary::id)
        .filter(id -> id.isPresent() && vocabulary.special(id.getAsInt()))
        .or(() -> Optional.of(vocabulary.id("__" + asked + "__")))
        .filter(java.util.OptionalInt::isPresent)
        .map(java.util.OptionalInt::getAsInt)
        .orElseThrow(
            () ->
                Bounds.bad(
                    what
                        + ": \""
                        + asked
                        + "\" (expected: a language that "
                        + model.name()
                        + " has a token or a task for)"));
  }

  /** A source's tokens: in its language's token, and with the end that the model wants. */
  private long[] source(int place, String text) {
    int[] tokens = model.encode(text).ids();
    if (request.source().isPresent() && prefix().isEmpty()) {
      int language = language(request.source().get(), "source");
      Vocabulary vocabulary = model.tokenizer().vocabulary();
      for (int i = 0; i < tokens.length; i++) {
        if (vocabulary.special(tokens[i])
            && LANGUAGE.matcher(vocabulary.token(tokens[i])).matches()) {
          tokens[i] = language;
        }
      }
    }
    int[] ends = writer.rules().marks().ends();
    boolean ended =
        Arrays.stream(tokens)
            .skip(Math.max(0, tokens.length - 2))
            .anyMatch(writer.rules().marks()::isEnd);
    if (!ended && ends.length > 0) {
      tokens = Arrays.copyOf(tokens, tokens.length + 1);
      tokens[tokens.length - 1] = ends[0];
    }
    if (tokens.length > longest()) {
      throw Bounds.bad(
          "text "
              + place
              + ": "
              + tokens.length
              + " tokens (expected: at most "
              + longest()
              + ", which is what "
              + model.name()
              + " takes)");
    }
    return Arrays.stream(tokens).asLongStream().toArray();
  }

  /** What was trained here has no config, and reads as much as it writes. */
  private int longest() {
    return model.files().config().isMissingNode()
        ? writer.rules().lengths().most()
        : model.longest();
  }
}
