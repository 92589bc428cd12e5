package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.lathe.generate.Constraint.Space;
import dev.lathe.generate.constrain.RandomSchemas;
import dev.lathe.prepare.Specials;
import dev.lathe.prepare.Tokenizer;
import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model that never saw JSON writes what schemas, expressions and grammars ask for. */
class StructuredOutputTest {
  private static final int SCHEMAS = 300;
  private static final int AT_ONCE = 16;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  @TempDir private static Path folder;
  private static TextModel model;
  private static Constraints constraints;

  @BeforeAll
  static void open() throws IOException {
    ShakespeareTest.write(Shared.path("fixtures/text/shakespeare-llama"), folder);
    model = TextModel.open(folder, TextOptions.of(AT_ONCE, 512).withThreads(1));
    constraints = Constraints.of(tokenizer());
  }

  @AfterAll
  static void close() {
    if (model != null) {
      model.close();
    }
  }

  private static Tokenizer tokenizer() {
    return model.tokenizer().orElseThrow();
  }

  private static GenerateRequest request(Constraint constraint, long seed, int tokens) {
    int[] prompt = tokenizer().encode("ROMEO:\n", Specials.WITHOUT).ids();
    return GenerateRequest.of(prompt, Ending.after(tokens))
        .with(Sampling.PLAIN.withSeed(seed))
        .with(constraints.start(constraint));
  }

  private record Said(String text, FinishReason reason) {}

  private static Said read(TextStream stream) {
    StringBuilder text = new StringBuilder();
    FinishReason reason = null;
    for (Optional<GenerateEvent> event = stream.next(); event.isPresent(); event = stream.next()) {
      if (event.get() instanceof GenerateEvent.Token token) {
        text.append(token.text());
      } else if (event.get() instanceof GenerateEvent.Finished finished) {
        text.append(finished.text());
        reason = finished.reason();
      }
    }
    return new Said(text.toString(), java.util.Objects.requireNonNull(reason));
  }

  private record Asked(JsonNode schema, TextStream stream) {}

  @Test
  void everyFinishedAnswer_isValidBySchema_othersAreMarkedAsCutOff() {
    ArrayDeque<Asked> asked = new ArrayDeque<>();
    int finished = 0;
    for (int seed = 0; seed < SCHEMAS || !asked.isEmpty(); seed++) {
      if (seed < SCHEMAS) {
        JsonNode schema = new RandomSchemas(seed).root();
        Constraint constraint = new Constraint.JsonSchema(schema.toString(), Space.SOME);
        asked.add(new Asked(schema, model.generate(request(constraint, seed, 120))));
      }
      if (asked.size() == AT_ONCE || seed >= SCHEMAS) {
        finished += check(asked.poll()) ? 1 : 0;
      }
    }
    assertThat(finished).isGreaterThan(SCHEMAS / 4);
  }

  /** Whether the answer was finished. */
  private static boolean check(Asked asked) {
    try (TextStream stream = asked.stream()) {
      Said said = read(stream);
      if (said.reason() == FinishReason.LENGTH) {
        return false;
      }
      assertThat(
              REGISTRY
                  .getSchema(asked.schema())
                  .validate(
                      JSON.readTree(said.text()),
                      context ->
                          context.executionConfig(config -> config.formatAssertionsEnabled(true))))
          .as("%s by %s", said.text(), asked.schema())
          .isEmpty();
      return true;
    }
  }

  private static String say(Constraint constraint, long seed) {
    try (TextStream stream = model.generate(request(constraint, seed, 200))) {
      Said said = read(stream);
      assertThat(said.reason()).isEqualTo(FinishReason.STOP);
      return said.text();
    }
  }

  @Test
  void expressionsChoicesAndGrammars_areHeldTo() {
    String date = "(19|20)\\d\\d-(0[1-9]|1[0-2])";
    String grammar = "root ::= term (\"+\" term){1,4}\nterm ::= [a-z] | \"(\" root \")\"";
    List<String> choices = List.of("To be", "or not to be", "that is the question");
    for (int seed = 0; seed < 5; seed++) {
      assertThat(say(new Constraint.Regex(date), seed)).matches(date);
      assertThat(say(new Constraint.Choice(choices), seed)).isIn(choices);
      assertThat(say(new Constraint.Grammar(grammar), seed).replaceAll("[a-z]", "x"))
          .matches("[x+()]+")
          .doesNotContain("xx", "++", "()");
    }
  }

  @Test
  void whatIsForced_isWrittenWithoutTheModel_andTheSame() {
    Constraint only = new Constraint.Text("What's in a name? That which we call a rose");
    assertThat(say(only, 1)).isEqualTo("What's in a name? That which we call a rose");
    String schema =
        "{\"type\":\"object\",\"properties\":{\"who\":{\"enum\":[\"Romeo\",\"Juliet\"]},"
            + "\"age\":{\"type\":\"integer\",\"minimum\":10,\"maximum\":20}},"
            + "\"required\":[\"who\",\"age\"]}";
    for (Space space : Space.values()) {
      JsonNode said = JSON.readTree(say(new Constraint.JsonSchema(schema, space), 3));
      assertThat(said.get("who").stringValue()).isIn("Romeo", "Juliet");
      assertThat(said.get("age").intValue()).isBetween(10, 20);
    }
  }
}
