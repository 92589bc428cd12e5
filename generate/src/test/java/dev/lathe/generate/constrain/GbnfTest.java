package dev.lathe.generate.constrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.GenerateError;
import dev.lathe.ir.LatheException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GbnfTest {
  private static final TokenTable BYTES = MaskChecks.bytesAnd("ab", "1+", "))");

  private static boolean accepts(String grammar, String text) {
    return MaskChecks.accepts(MaskChecks.start(new Form.Call(Gbnf.parse(grammar)), BYTES), text);
  }

  private static final String ARITHMETIC =
      """
      # numbers and sums
      root  ::= expr "\\n"?
      expr  ::= expr ("+" | "-") term   # begins with itself
              | term
      term  ::= term "*" factor | factor
      factor ::= number |
        "(" expr ")"
      number ::= [1-9] [0-9]{0,3} | "0"
      """;

  @Test
  void arithmetic_isReadThoughItBeginsWithItself() {
    assertThat(accepts(ARITHMETIC, "1+2*(3-4)")).isTrue();
    assertThat(accepts(ARITHMETIC, "((((7))))\n")).isTrue();
    assertThat(accepts(ARITHMETIC, "1+")).isFalse();
    assertThat(accepts(ARITHMETIC, "01")).isFalse();
    assertThat(accepts(ARITHMETIC, "12345")).isFalse();
    assertThat(accepts(ARITHMETIC, "(1")).isFalse();
  }

  @Test
  void literalsClassesAndEscapes_areThoseOfGbnf() {
    String grammar = "root ::= \"\\x41\\u00e9\\\"\" [^a-z\\n]+ . [\\]x-]? (\"x\"|\"y\"){2,}";
    assertThat(accepts(grammar, "Aé\"1Zw]xyx")).isTrue();
    assertThat(accepts(grammar, "Aé\"1Zwxy")).isTrue();
    assertThat(accepts(grammar, "Aé\"axx")).isFalse();
    assertThat(accepts("root ::= (\"a\" | \"bc\" root)?", "bcbca")).isTrue();
    assertThat(accepts("root ::= a{,2} b\na ::= \"a\"\nb ::= \"b\"{2}", "aabb")).isTrue();
    assertThat(accepts("root ::= a{,2} b\na ::= \"a\"\nb ::= \"b\"{2}", "aaabb")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "root ::= thing ~ line 1, column 10 ~ no rule \"thing\"",
        "rot ::= \"a\" ~ line 1 ~ named \"root\"",
        "root = \"a\" ~ line 1, column 6 ~ GBNF",
        "root ::= \"a ~ line 1, column 10 ~ without end",
        "root ::= (\"a\" ~ line 1, column 14 ~ \")\"",
        "root ::= \"a\" \"\\q\" ~ line 1, column 16 ~ \\n",
        "root ::= [a ~ line 1, column 12 ~ \"]\"",
        "root ::= \"a\"{4,2} ~ line 1, column 14 ~ n at most m",
        "root ::= \"a\" ) ~ line 1, column 14 ~ expected: a rule",
        "root ::= root ~ root ~ at least one",
        "root ::= \"a\" root ~ root ~ at least one"
      })
  void whatIsNoGrammar_isRefusedByItsPlace(String grammar, String place, String why) {
    assertThatThrownBy(() -> accepts(grammar, "a"))
        .isInstanceOfSatisfying(
            LatheException.class, e -> assertThat(e.code()).isEqualTo(GenerateError.BAD_CONSTRAINT))
        .hasMessageContaining(place)
        .hasMessageContaining(why);
  }

  @Test
  void secondRuleOfAName_isRefused() {
    assertThatThrownBy(() -> accepts("root ::= \"a\"\nroot ::= \"b\"", "a"))
        .hasMessageContaining("line 2, column 1")
        .hasMessageContaining("a second rule");
  }

  @Test
  void hiddenLeftRecursion_isRefusedByName() {
    String grammar = "root ::= space other \"x\"\nother ::= space root\nspace ::= \" \"?";
    assertThatThrownBy(() -> accepts(grammar, "x")).isInstanceOf(LatheException.class);
    String ended = "root ::= space other | \"x\"\nother ::= space root\nspace ::= \" \"?";
    assertThatThrownBy(() -> accepts(ended, "x")).hasMessageContaining("begins with itself");
  }

  @Test
  void deepAndLongGrammars_areRefused() {
    assertThatThrownBy(() -> Gbnf.parse("root ::= " + "(".repeat(5000)))
        .hasMessageContaining("groups within groups");
    assertThatThrownBy(() -> Gbnf.parse("#".repeat(300_000)))
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.code()).isEqualTo(GenerateError.CONSTRAINT_TOO_LARGE));
    StringBuilder many = new StringBuilder("root ::= \"a\"\n");
    for (int i = 0; i < 5000; i++) {
      many.append("r").append(i).append(" ::= \"a\"\n");
    }
    assertThatThrownBy(() -> Gbnf.parse(many.toString())).hasMessageContaining("rules");
  }

  @Test
  void manyRulesThatMayBeEmpty_areReadInTime() {
    StringBuilder grammar = new StringBuilder("root ::= r0 \"!\"\n");
    for (int i = 0; i < 3000; i++) {
      grammar.append("r%d ::= r%d? \"a\"?\n".formatted(i, i + 1));
    }
    grammar.append("r3000 ::= \"b\"\n");
    assertThat(accepts(grammar.toString(), "!")).isTrue();
    assertThat(accepts(grammar.toString(), "a!")).isTrue();
  }
}
