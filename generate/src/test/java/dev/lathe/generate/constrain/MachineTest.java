package dev.lathe.generate.constrain;

import static dev.lathe.generate.constrain.MaskChecks.accepts;
import static dev.lathe.generate.constrain.MaskChecks.has;
import static dev.lathe.generate.constrain.MaskChecks.start;
import static dev.lathe.generate.constrain.MaskChecks.vocabulary;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.TokenConstraint;
import dev.lathe.generate.constrain.MaskChecks.Walk;
import dev.lathe.ir.LatheException;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MachineTest {
  private static final String[] TOKENS = {
    "a", "b", "c", "(", ")", "aa", "ab", "abc", "((", "))", "a(", ")b", "()", "cab", "bca", "(a)b",
    "aaaa", "é", "éa", "日", "日本", "x"
  };

  @Test
  void masksOfRegularForms_areThoseOfEveryTokenAskedAlone() {
    String[] expressions = {
      "a*b",
      "(ab|ba|c)*",
      "(?:a|ab)(?:c|bcd)?",
      "[^a]{2,5}",
      "(a{2,3}b?){1,3}",
      "é*日|[é-日]b",
      "((a|b)*abb)?c",
      "a{3,}|b",
      "(aa|aab)*c",
      "x?y?z?",
      ".{0,4}a"
    };
    TokenTable trie = vocabulary(TOKENS);
    Random random = new Random(5);
    for (String expression : expressions) {
      CharDfa dfa =
          CharDfa.of(Regex.parse(expression), CharDfa.Match.WHOLE, new Budget())
              .and(inVocabulary(trie), new Budget());
      Pattern pattern = Pattern.compile(expression);
      for (int i = 0; i < 20; i++) {
        String text =
            MaskChecks.walk(new Walk(start(dfa.form(), trie), trie, 8), dfa::begins, random);
        assertThat(dfa.accepts(text) || dfa.begins(text)).isTrue();
        assertThat(dfa.accepts(text)).isEqualTo(pattern.matcher(text).matches());
      }
    }
  }

  private static CharDfa inVocabulary(TokenTable trie) {
    return CharDfa.of(
        Form.star(new Form.Chars(trie.alphabet())), CharDfa.Match.WHOLE, new Budget());
  }

  @Test
  void masksOfNestedForms_areThoseOfEveryTokenAskedAlone() {
    Rule nest = new Rule("nest");
    Form inside = Form.star(Form.alt(Form.text("a"), Form.text("bc"), new Form.Call(nest)));
    nest.define(Form.seq(Form.text("("), inside, Form.text(")")));
    TokenTable trie = vocabulary(TOKENS);
    Random random = new Random(6);
    Place start = start(new Form.Call(nest), trie);
    for (int i = 0; i < 50; i++) {
      MaskChecks.walk(new Walk(start, trie, 12), MachineTest::viable, random);
    }
  }

  /** Whether a text can become one of the nest. */
  private static boolean viable(String text) {
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (i == 0 ? c != '(' : depth == 0) {
        return false;
      }
      if (c == 'b') {
        if (i + 1 < text.length() && text.charAt(++i) != 'c') {
          return false;
        }
        continue;
      }
      if (c != '(' && c != ')' && c != 'a') {
        return false;
      }
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return true;
  }

  @Test
  void countedForms_keepTheirCountsAcrossTokens() {
    TokenTable trie = vocabulary("a", "aa", "aaaaa", "b", "ab");
    Form form =
        Form.seq(
            new Form.Repeat(Form.alt(Form.text("aa"), Form.text("ab")), 100, 200), Form.text("b"));
    Place start = start(form, trie);
    assertThat(accepts(start, "ab".repeat(100) + "b")).isTrue();
    assertThat(accepts(start, "aa".repeat(200) + "b")).isTrue();
    assertThat(accepts(start, "aa".repeat(201) + "b")).isFalse();
    assertThat(accepts(start, "aa".repeat(99) + "b")).isFalse();
    TokenConstraint at = start;
    for (int i = 0; i < 99; i++) {
      at = at.after(1);
    }
    assertThat(has(at.allowed(), 3)).isFalse();
    assertThat(has(at.after(1).allowed(), 3)).isTrue();
    for (int i = 99; i < 200; i++) {
      at = at.after(1);
    }
    assertThat(at.allowed()[0]).isEqualTo(1L << 3);
    assertThat(at.after(3).finished()).isTrue();
  }

  @Test
  void countedMasks_areThoseOfEveryTokenAskedAlone() {
    TokenTable trie = vocabulary(TOKENS);
    Random random = new Random(7);
    Form items = new Form.Repeat(Form.alt(Form.text("a"), Form.text("bc")), 60, 70);
    Pattern pattern = Pattern.compile("\\((a|bc){60,70}\\)b");
    Place start = start(Form.seq(Form.text("("), items, Form.text(")b")), trie);
    for (int i = 0; i < 10; i++) {
      MaskChecks.walk(new Walk(start, trie, 90), text -> viable(pattern, text), random);
    }
  }

  private static boolean viable(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.matches() || matcher.hitEnd();
  }

  @Test
  void stacksDeeperThanTheMost_areNotAllowed_yetEveryTextCanBeEnded() {
    Rule nest = new Rule("nest");
    nest.define(
        Form.alt(Form.seq(Form.text("("), new Form.Call(nest), Form.text(")")), Form.text("a")));
    TokenTable trie = vocabulary("(", ")", "a", "((((((((", "))");
    TokenConstraint at = start(new Form.Call(nest), trie);
    int opened = 0;
    while (has(at.allowed(), 0)) {
      boolean many = has(at.allowed(), 3);
      at = at.after(many ? 3 : 0);
      opened += many ? 8 : 1;
    }
    assertThat(opened).isBetween(Machine.DEEPEST - 2, Machine.DEEPEST);
    assertThat(at.allowed()[0]).isEqualTo(1L << 2);
    at = at.after(2);
    for (int i = 0; i < opened; i++) {
      assertThat(at.mayEnd()).isFalse();
      at = at.after(1);
    }
    assertThat(at.finished()).isTrue();
  }

  @Test
  void ruleThatEndsWithItself_takesNoStack() {
    Rule list = new Rule("list");
    list.define(Form.alt(Form.text("a"), Form.seq(Form.text("a"), new Form.Call(list))));
    Place at = start(new Form.Call(list), vocabulary("a", "b"));
    for (int i = 0; i < 5000; i++) {
      at = at.after(0);
    }
    assertThat(at.mayEnd()).isTrue();
  }

  @Test
  void ruleThatBeginsWithItself_isRefusedByName() {
    Rule first = new Rule("first");
    Rule second = new Rule("second");
    first.define(Form.seq(Form.maybe(Form.text("a")), new Form.Call(second)));
    second.define(Form.alt(Form.seq(new Form.Call(first), Form.text("b")), Form.text("c")));
    assertThatThrownBy(() -> start(new Form.Call(first), vocabulary("a", "b", "c")))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("begins with itself");
  }

  @Test
  void formWithoutAnyText_isRefused() {
    Rule endless = new Rule("endless");
    endless.define(Form.seq(Form.text("a"), new Form.Call(endless)));
    assertThatThrownBy(() -> start(new Form.Call(endless), vocabulary("a")))
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_CONSTRAINT));
    assertThatThrownBy(() -> start(Form.text("ay"), vocabulary("a", "b")))
        .hasMessageContaining("no text of this vocabulary");
  }

  @Test
  void tokenThatIsNotAllowed_isRefused() {
    Place start = start(Form.text("ab"), vocabulary("a", "b"));
    assertThatThrownBy(() -> start.after(1)).isInstanceOf(LatheException.class);
    assertThatThrownBy(() -> start.after(99)).isInstanceOf(LatheException.class);
    assertThat(start.after(0).after(1).finished()).isTrue();
  }

  @Test
  void textsThatCanBeReadInTooManyWays_areRefusedRatherThanGoOnForEver() {
    Rule one = new Rule("one");
    Rule other = new Rule("other");
    Form both =
        Form.alt(
            Form.seq(new Form.Call(one), Form.text("b")),
            Form.seq(new Form.Call(other), Form.text("c")),
            Form.EMPTY);
    one.define(Form.seq(Form.text("a"), both));
    other.define(Form.seq(Form.text("a"), both));
    Place start = start(new Form.Call(one), vocabulary("a", "b", "c"));
    assertThatThrownBy(
            () -> {
              Place at = start;
              for (int i = 0; i < 200; i++) {
                at = at.after(0);
              }
            })
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(GenerateError.CONSTRAINT_TOO_LARGE));
  }
}
