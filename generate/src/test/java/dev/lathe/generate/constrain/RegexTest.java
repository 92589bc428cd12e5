package dev.lathe.generate.constrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.constrain.CharDfa.Match;
import dev.lathe.ir.LatheException;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegexTest {
  private static final TokenTable BYTES = MaskChecks.bytesAnd();

  private static CharDfa whole(String expression) {
    return CharDfa.of(Regex.parse(expression), Match.WHOLE, new Budget());
  }

  @Test
  void randomExpressions_acceptWhatJavaAccepts_wholeAndInPart() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      String expression = expression(random, 3);
      Pattern java = Pattern.compile(expression);
      CharDfa whole = whole(expression);
      CharDfa part = CharDfa.of(Regex.parse(expression), Match.PART, new Budget());
      Place place = whole.isEmpty() ? null : MaskChecks.start(whole.form(), BYTES);
      for (int i = 0; i < 40; i++) {
        String text = text(random);
        boolean matches = java.matcher(text).matches();
        assertThat(whole.accepts(text))
            .as("seed %s: %s on \"%s\"", seed, expression, text)
            .isEqualTo(matches);
        assertThat(part.accepts(text))
            .as("seed %s: %s in \"%s\"", seed, expression, text)
            .isEqualTo(java.matcher(text).find());
        assertThat(place != null && MaskChecks.accepts(place, text))
            .as("seed %s: %s on bytes of \"%s\"", seed, expression, text)
            .isEqualTo(matches);
      }
    }
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(9);
    for (int i = 0; i < length; i++) {
      text.append(
          "aab01_- ébA😀z"
              .codePoints()
              .mapToObj(Character::toString)
              .toArray(String[]::new)[random.nextInt(13)]);
    }
    return text.toString();
  }

  private static String expression(Random random, int depth) {
    if (depth == 0) {
      String[] atoms = {
        "a",
        "b",
        "0",
        "\\d",
        "\\w",
        "[ab]",
        "[^a]",
        "[a-c0-9é-]",
        "é",
        ".",
        "\\x41",
        "\\-",
        "[^\\d_]",
        "\\p{Lu}",
        "😀",
        "[\\w ]",
        "\\s",
        "\\W",
        "[A-Za-z]",
        "\\u00e9"
      };
      return atoms[random.nextInt(atoms.length)];
    }
    return switch (random.nextInt(8)) {
      case 0 -> "(" + expression(random, depth - 1) + "|" + expression(random, depth - 1) + ")";
      case 1 -> "(?:" + expression(random, depth - 1) + ")*";
      case 2 -> "(" + expression(random, depth - 1) + ")" + (random.nextBoolean() ? "+" : "?");
      case 3 -> "(?:" + expression(random, depth - 1) + "){" + random.nextInt(3) + ",3}";
      case 4 -> "(" + expression(random, 0) + "){2}";
      case 5 ->
          random.nextBoolean() ? "^" + expression(random, depth - 1) : expression(random, 0) + "*?";
      case 6 ->
          random.nextBoolean()
              ? expression(random, depth - 1) + "$"
              : expression(random, 0) + "{1,}";
      default -> expression(random, depth - 1) + expression(random, depth - 1);
    };
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "a(?=b) ~ character 3 ~ look-around",
        "(?<!a)b ~ character 2 ~ look-around",
        "(a)\\1 ~ character 4 ~ back reference",
        "\\ba ~ character 1 ~ word boundary",
        "(?i)a ~ character 2 ~ flags",
        "a++ ~ character 3 ~ possessive",
        "(a ~ character 2 ~ \")\"",
        "a) ~ character 1 ~ without",
        "[a ~ character 2 ~ \"]\"",
        "[z-a] ~ character 1 ~ range",
        "*a ~ character 0 ~ nothing to repeat",
        "a{3,2} ~ character 6 ~ least before the most",
        "a{99999} ~ character 2 ~ more than",
        "\\p{Nonsense} ~ character 1 ~ property",
        "\\q ~ character 1 ~ \\q",
        "\\ ~ character 1 ~ end",
        "^* ~ character 1 ~ anchor",
        "(?<name>a)(?P<other>b)** ~ character 23 ~ repetition of a repetition",
        "a** ~ character 2 ~ repetition of a repetition"
      })
  void whatIsNotRegular_isRefusedByItsPlace(String expression, String place, String why) {
    assertThatThrownBy(() -> Regex.parse(expression))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_CONSTRAINT))
        .hasMessageContaining(place + ":")
        .hasMessageContaining(why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a|b)*a(a|b){24}",
        "((a{1,500}){1,500}){1,500}",
        "(.*a.*b.*c.*){30}(x|y|z).{20000}",
        "(a?){5000}(a?){5000}(b|a?){9000}"
      })
  void expressionsThatWouldNeedTooManyStates_areRefused(String expression) {
    assertThatThrownBy(
            () -> {
              Budget budget = new Budget();
              Form form = CharDfa.of(Regex.parse(expression), Match.WHOLE, budget).form();
              Automaton.of(Rule.of("root", form), CharSet.ALL, budget);
            })
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(GenerateError.CONSTRAINT_TOO_LARGE));
  }

  @Test
  void countedClass_isExact() {
    CharDfa dfa = whole("[a-z]{3,5000}");
    assertThat(dfa.accepts("ab")).isFalse();
    assertThat(dfa.accepts("a".repeat(5000))).isTrue();
    assertThat(dfa.accepts("a".repeat(5001))).isFalse();
  }

  @Test
  void braceThatCountsNothing_isACharacter() {
    assertThat(whole("\\{\"a\": \\d{1,3}\\}").accepts("{\"a\": 12}")).isTrue();
    assertThat(whole("{a}").accepts("{a}")).isTrue();
  }

  @Test
  void setOperations_areThoseOfTheTexts() {
    Budget budget = new Budget();
    CharDfa words = whole("[a-c]{1,3}");
    CharDfa withA = CharDfa.of(Regex.parse("a"), Match.PART, budget);
    for (String text : new String[] {"a", "b", "abc", "bcb", "", "abca", "xa"}) {
      boolean word = words.accepts(text);
      boolean a = withA.accepts(text);
      assertThat(words.and(withA, budget).accepts(text)).as(text).isEqualTo(word && a);
      assertThat(words.minus(withA, budget).accepts(text)).as(text).isEqualTo(word && !a);
    }
    assertThat(words.minus(words, budget).isEmpty()).isTrue();
  }
}
