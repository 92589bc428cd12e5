package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.Constraint.Space;
import dev.lathe.ir.LatheException;
import dev.lathe.prepare.Detokenizer;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.testkit.Shared;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ConstraintsTest {
  private static final String SCHEMA =
      """
      {"type": "object",
       "properties": {
         "name": {"type": "string", "maxLength": 12},
         "age": {"type": "integer", "minimum": 0, "maximum": 150},
         "tags": {"type": "array", "items": {"enum": ["brave", "true"]}, "maxItems": 2}},
       "required": ["name", "age", "tags"], "additionalProperties": false}
      """;

  private static Tokenizer tokenizer(String folder) {
    return Tokenizer.open(Shared.path("fixtures/text/" + folder + "/tokenizer.json"));
  }

  /** A finished text of tokens at random. */
  private static String walk(Tokenizer tokenizer, TokenConstraint start, Random random) {
    Detokenizer out = tokenizer.stream(Detokenizer.Place.WITHIN, Specials.WITHOUT);
    StringBuilder text = new StringBuilder();
    TokenConstraint at = start;
    while (!at.finished() && !(at.mayEnd() && random.nextInt(10) == 0)) {
      int[] allowed = allowed(at);
      assertThat(allowed).as("after %s", text).isNotEmpty();
      int token = allowed[random.nextInt(allowed.length)];
      assertThat(tokenizer.vocabulary().special(token)).isFalse();
      text.append(out.push(token));
      at = at.after(token);
      assertThat(text.length()).isLessThan(100_000);
    }
    return text.append(out.finish()).toString();
  }

  private static int[] allowed(TokenConstraint at) {
    return Arrays.stream(java.util.BitSet.valueOf(at.allowed()).stream().toArray()).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"tokenizers/bytelevel-gpt2", "tokenizers/bytelevel-qwen", "shakespeare-llama"})
  void tokensAtRandom_giveValidJson_withEachTokenizer(String folder) {
    try (Tokenizer tokenizer = tokenizer(folder)) {
      TokenConstraint start =
          Constraints.of(tokenizer).start(new Constraint.JsonSchema(SCHEMA, Space.SOME));
      for (int seed = 0; seed < 20; seed++) {
        JsonNode json = JsonMapper.shared().readTree(walk(tokenizer, start, new Random(seed)));
        String name = json.get("name").stringValue();
        assertThat(name.codePointCount(0, name.length())).isLessThanOrEqualTo(12);
        assertThat(json.get("age").intValue()).isBetween(0, 150);
        assertThat(json.size()).isEqualTo(3);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tokenizers/bytelevel-gpt2",
        "tokenizers/bytelevel-qwen",
        "tokenizers/sentencepiece-bpe",
        "tokenizers/unigram",
        "shakespeare-llama"
      })
  void tokensAtRandom_matchTheExpression_withEachTokenizer(String folder) {
    String expression = " ?[a-z]{1,8}(?:,? [a-z]{1,8}){2,9}[.!]?";
    try (Tokenizer tokenizer = tokenizer(folder)) {
      TokenConstraint start = Constraints.of(tokenizer).start(new Constraint.Regex(expression));
      Pattern pattern = Pattern.compile(expression);
      for (int seed = 0; seed < 50; seed++) {
        assertThat(walk(tokenizer, start, new Random(seed))).matches(pattern);
      }
    }
  }

  @Test
  void wordPieces_writeWordsAlone() {
    try (Tokenizer tokenizer = tokenizer("tokenizers/wordpiece")) {
      Constraints constraints = Constraints.of(tokenizer);
      TokenConstraint start = constraints.start(new Constraint.Regex("[a-z]{2,9}"));
      assertThat(walk(tokenizer, start, new Random(1))).matches("[a-z]{2,9}");
      assertThatThrownBy(() -> constraints.start(new Constraint.JsonObject(Space.SOME)))
          .hasMessageContaining("no text of this vocabulary");
    }
  }

  @Test
  void charactersThatAVocabularyCannotWrite_areLeftOut() {
    try (Tokenizer tokenizer = tokenizer("tokenizers/unigram")) {
      Constraints constraints = Constraints.of(tokenizer);
      TokenConstraint start = constraints.start(new Constraint.Regex("[^a-z]{3}|日"));
      for (int seed = 0; seed < 30; seed++) {
        assertThat(walk(tokenizer, start, new Random(seed)).codePointCount(0, 3)).isEqualTo(3);
      }
      assertThatThrownBy(() -> constraints.start(new Constraint.Text("日")))
          .hasMessageContaining("no text of this vocabulary");
    }
  }

  @Test
  void forcedTokens_areThoseOfTheTokenizer() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraints constraints = Constraints.of(tokenizer);
      String text = "{\"first name\": \"Romeo\", \"house\":";
      TokenConstraint start =
          constraints.start(
              new Constraint.Then(
                  List.of(new Constraint.Text(text), new Constraint.Regex("[0-9]+"))));
      int[] all = tokenizer.encode(text + "7", Specials.WITHOUT).ids();
      int[] forced = start.forced();
      assertThat(forced.length).isGreaterThan(5);
      assertThat(forced).isEqualTo(Arrays.copyOf(all, forced.length));
      TokenConstraint at = start;
      for (int token : forced) {
        at = at.after(token);
      }
      assertThat(allowed(at)).isNotEmpty();
      TokenConstraint whole = constraints.start(new Constraint.Text("To be, or not to be"));
      assertThat(whole.forced())
          .isEqualTo(tokenizer.encode("To be, or not to be", Specials.WITHOUT).ids());
    }
  }

  @Test
  void forcedTokens_stopWhereALongerTokenMayCome() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraints constraints = Constraints.of(tokenizer);
      for (String choices : new String[] {"the king|the kingdom", "Romeo|Romeos", "ab|ac|abc"}) {
        TokenConstraint start =
            constraints.start(new Constraint.Choice(List.of(choices.split("\\|"))));
        int[] forced = start.forced();
        for (String choice : choices.split("\\|")) {
          int[] ids = tokenizer.encode(choice, Specials.WITHOUT).ids();
          assertThat(Arrays.copyOf(ids, forced.length)).as(choice).isEqualTo(forced);
        }
      }
    }
  }

  @Test
  void choice_endsOnlyWhereOneOfThemEnds() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      List<String> texts = List.of("yes", "no", "yesterday", "né");
      TokenConstraint start = Constraints.of(tokenizer).start(new Constraint.Choice(texts));
      for (int seed = 0; seed < 40; seed++) {
        assertThat(walk(tokenizer, start, new Random(seed))).isIn(texts);
      }
      assertThat(start.mayEnd()).isFalse();
    }
  }

  @Test
  void specialTokens_comeOnlyWhereTheyAreAskedFor() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraints constraints = Constraints.of(tokenizer);
      int special = tokenizer.vocabulary().id("<|im_start|>").orElseThrow();
      TokenConstraint any = constraints.start(new Constraint.FreeText(List.of()));
      assertThat(Arrays.stream(allowed(any)).anyMatch(tokenizer.vocabulary()::special)).isFalse();
      TokenConstraint at =
          constraints.start(
              new Constraint.Then(
                  List.of(
                      new Constraint.Token("<|im_start|>"),
                      new Constraint.Text("tool"),
                      new Constraint.Token("<|im_end|>"))));
      assertThat(allowed(at)).containsExactly(special);
      assertThat(at.forced()).containsExactly(special);
      at = at.after(special);
      for (int token : tokenizer.encode("tool", Specials.WITHOUT).ids()) {
        at = at.after(token);
      }
      int end = tokenizer.vocabulary().id("<|im_end|>").orElseThrow();
      assertThat(allowed(at)).containsExactly(end);
      assertThat(at.after(end).finished()).isTrue();
      assertThatThrownBy(() -> constraints.start(new Constraint.Token("<none>")))
          .hasMessageContaining("<none>");
    }
  }

  @Test
  void toolCalls_comeAfterFreeText_orNot() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraint call =
          new Constraint.Then(
              List.of(
                  new Constraint.Text("<tool>{\"name\": \"weather\", \"arguments\": "),
                  new Constraint.JsonSchema(
                      "{\"type\":\"object\",\"properties\":{\"days\":{\"type\":\"integer\","
                          + "\"minimum\":1,\"maximum\":7}},\"required\":[\"days\"]}",
                      Space.NONE),
                  new Constraint.Text("}</tool>")));
      TokenConstraint start =
          Constraints.of(tokenizer)
              .start(
                  new Constraint.Then(
                      List.of(
                          new Constraint.FreeText(List.of("<tool>")),
                          new Constraint.Repeated(call, 0, 2))));
      String text = "I ask. <tool>{\"name\": \"weather\", \"arguments\": {\"days\":3}}</tool>";
      assertThat(accepts(tokenizer, start, text)).isTrue();
      assertThat(accepts(tokenizer, start, "No < tool> is needed <")).isTrue();
      assertThat(accepts(tokenizer, start, text + " and so on")).isFalse();
      assertThat(accepts(tokenizer, start, text.replace("3", "8"))).isFalse();
    }
  }

  private static boolean accepts(Tokenizer tokenizer, TokenConstraint start, String text) {
    TokenConstraint at = start;
    for (int token : tokenizer.encode(text, Specials.WITHOUT).ids()) {
      if (Arrays.binarySearch(allowed(at), token) < 0) {
        return false;
      }
      at = at.after(token);
    }
    return at.mayEnd();
  }

  @Test
  void equalConstraints_areCompiledOnce_andManyThreadsShareThem() throws Exception {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama");
        var threads = Executors.newFixedThreadPool(4)) {
      Constraints constraints = Constraints.of(tokenizer);
      List<Callable<TokenConstraint>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        int seed = i;
        work.add(
            () -> {
              TokenConstraint start =
                  constraints.start(new Constraint.JsonSchema(SCHEMA, Space.SOME));
              for (int walk = 0; walk < 5; walk++) {
                JsonMapper.shared().readTree(walk(tokenizer, start, new Random(seed * 5 + walk)));
              }
              return start;
            });
      }
      List<TokenConstraint> starts = new ArrayList<>();
      for (Future<TokenConstraint> done : threads.invokeAll(work)) {
        starts.add(done.get());
      }
      assertThat(starts).allMatch(start -> start == starts.getFirst());
    }
  }

  @Test
  void largeConstraints_makeRoomForEachOther() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraints constraints = Constraints.of(tokenizer);
      Constraint first = new Constraint.Text("a".repeat(150_000));
      TokenConstraint before = constraints.start(first);
      assertThat(constraints.start(first)).isSameAs(before);
      for (int i = 0; i < 4; i++) {
        constraints.start(new Constraint.Text("b".repeat(150_000 + i)));
      }
      TokenConstraint after = constraints.start(first);
      assertThat(after).isNotSameAs(before);
      assertThat(after.allowed()).isEqualTo(before.allowed());
    }
  }

  @Test
  void constraintThatIsRefused_isRefusedAgain_withTheSameWords() {
    try (Tokenizer tokenizer = tokenizer("shakespeare-llama")) {
      Constraints constraints = Constraints.of(tokenizer);
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(
                () -> constraints.start(new Constraint.JsonSchema("{\"not\":{}}", Space.SOME)))
            .isInstanceOfSatisfying(
                LatheException.class,
                e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_CONSTRAINT))
            .hasMessageContaining("/not: not supported");
      }
    }
  }

  @Test
  void sizesFromOutside_areBounded() {
    assertThatThrownBy(() -> new Constraint.JsonSchema("x".repeat(1 << 21), Space.SOME))
        .hasMessageContaining("schema: 2097152 characters");
    assertThatThrownBy(() -> new Constraint.Choice(List.of())).hasMessageContaining("none");
    assertThatThrownBy(() -> new Constraint.Choice(java.util.Collections.nCopies(10_001, "a")))
        .hasMessageContaining("choices: 10001");
    assertThatThrownBy(() -> new Constraint.Repeated(new Constraint.Text("a"), 3, 2))
        .hasMessageContaining("3 to 2");
  }
}
