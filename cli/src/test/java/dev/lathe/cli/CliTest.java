package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.cli.text.Screen;
import dev.lathe.ir.ErrorKind;
import dev.lathe.server.JobState;
import dev.lathe.train.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CliTest {
  private static final Screen.Traits TERMINAL = new Screen.Traits(true, true, true, true, 100);

  private final FakeLathe lathe = new FakeLathe();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "models --nonsense",
        "log",
        "log digits",
        "log demo/digits@",
        "log demo/digits@v1",
        "deployments demo/digits@v1",
        "models --data=",
        "models --server http://",
        "models --server ftp://127.0.0.1",
        "deploy demo/digits@v1",
        "predict demo/digits",
        "train",
        "train no-such-file.yaml",
        "serve --port 70000",
        "serve --port x",
        "serve --server http://127.0.0.1:1",
        "quickstart --server http://127.0.0.1:1",
        "models --data a --server http://127.0.0.1:1"
      })
  void wrongUsage_exitsWith2AndSaysWhatIsWrong(String line) {
    Typed typed = Typed.run(lathe, line.isEmpty() ? new String[0] : line.split(" "));
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.out()).isEmpty();
    assertThat(typed.err()).startsWith("lathe: ").doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quickstart",
        "train",
        "models",
        "log",
        "show",
        "release",
        "import",
        "deploy",
        "deployments",
        "trial",
        "promote",
        "rollback",
        "history",
        "predict",
        "explain",
        "translate",
        "answer",
        "classify",
        "bench",
        "serve",
        "checkout",
        "jobs",
        "keys"
      })
  void everyVerb_teachesWithExamples(String verb) {
    Typed typed = Typed.run(lathe, verb, "--help");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out()).contains("Usage: lathe " + verb, "Examples:", "lathe " + verb);
    assertThat(Typed.run(lathe, "--help").out()).contains("  " + verb);
  }

  @Test
  void keys_areMadeShownRotatedAndRevoked() {
    Typed made =
        Typed.run(
            lathe, "keys create --name ci --allow infer:demo/*,read --expires 90d".split(" "));
    assertThat(made.exit()).isZero();
    assertThat(made.out()).isEqualTo("lathe_0123456789_secret\n");
    assertThat(Typed.run(lathe, "keys").out()).contains("ci", "infer:demo/*", "0123456789");
    assertThat(Typed.run(lathe, "keys", "rotate", "ci").out()).startsWith("lathe_0123456789_other");
    assertThat(Typed.run(lathe, "keys", "revoke", "ci").exit()).isZero();
    assertThat(lathe.asked)
        .contains(
            "create KeyWish[name=ci, allow=[infer:demo/*, read], expires=Optional[90d],"
                + " quota=Optional.empty]",
            "rotate ci 24h",
            "revoke ci");
  }

  @Test
  void explanation_showsTheLargestFirstUnderItsName() {
    Typed typed =
        Typed.run(lathe, "explain", "demo/digits", "-i", "1,2,3,4", "--names", "low,high");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out()).contains("yes  probabilities 0.7500, of the baseline 0.5000");
    assertThat(typed.out().lines().filter(line -> line.contains(" low ")).toList())
        .singleElement()
        .asString()
        .contains("+0.5000");
    assertThat(typed.out().indexOf("low")).isLessThan(typed.out().indexOf("high"));
  }

  @Test
  void importedModel_isNamedWithItsTask() {
    Typed typed =
        Typed.run(
            lathe, "import hf://org/tiny@v2 --name demo/digits -m why --deploy prod".split(" "));
    assertThat(typed.exit()).isZero();
    assertThat(typed.out())
        .startsWith("demo/digits v1 is imported for ")
        .endsWith("live in prod\n");
    assertThat(lathe.asked).contains("import demo/digits hf://org/tiny@v2 why");
  }

  @Test
  void importedAdapter_namesItsBase() {
    Typed typed = Typed.run(lathe, "import lora --name demo/polite --base demo/llm@v2".split(" "));
    assertThat(typed.exit()).isZero();
    assertThat(lathe.asked).contains("import demo/polite of demo/llm@v2 lora ");
  }

  @Test
  void translations_areLines() {
    Typed typed = Typed.run(lathe, "translate", "demo/en-de", "a horse", "two dogs");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out()).isEqualTo("A HORSE\nTWO DOGS\n");
    assertThat(lathe.asked).contains("translate demo/en-de [a horse, two dogs]");
    Typed more =
        Typed.run(lathe, "translate", "demo/en-de@v2", "--alternatives", "1", "--beams", "2", "a");
    assertThat(more.out()).contains("A\n", "-1.000  else");
    Typed json = Typed.run(lathe, "translate", "demo/en-de", "a", "--json");
    assertThat(json.out()).contains("\"output_tokens\" : 4");
  }

  @Test
  void linesOfAFile_areTranslatedOneByOne_manyAtATime() {
    String lines = "a horse\n\n" + "two dogs\n".repeat(300);
    Typed typed = Typed.run(lathe, Screen.Traits.PIPE, lines, "translate", "demo/en-de");
    assertThat(typed.out()).isEqualTo(lines.toUpperCase(Locale.ROOT));
    assertThat(lathe.asked).filteredOn(asked -> asked.startsWith("translate")).hasSize(2);
    Typed json = Typed.run(lathe, Screen.Traits.PIPE, lines, "translate", "demo/en-de", "--json");
    assertThat(json.out()).contains("\"output_tokens\" : 8").containsOnlyOnce("\"model\"");
  }

  @Test
  void answers_areShownWithTheirPlace() {
    String text = "The sky is blue.";
    Typed typed = Typed.run(lathe, "answer", "demo/qa", "What colour?", "--text", text);
    assertThat(typed.out()).isEqualTo("blue  0.8750  11 to 15\n");
    assertThat(lathe.asked).contains("answer demo/qa What colour? The sky is blue.[]");
    Typed none = Typed.run(lathe, "answer", "demo/qa", "Why?", "--text", text, "--no-answer");
    assertThat(none.out()).isEqualTo("no answer in the text (0.0625)\n");
    Typed missing = Typed.run(lathe, "answer", "demo/qa", "Why?", "--in", "no-such-file");
    assertThat(missing.exit()).isNotZero();
    assertThat(missing.err()).contains("no-such-file: cannot be read");
  }

  @Test
  void writtenAnswers_areShownWithTheirQuotes(@TempDir Path folder) throws IOException {
    Path sky = Files.writeString(folder.resolve("sky.txt"), "Now it is blue.");
    String[] words = {"answer", "demo/chat", "Why?", "--document", sky.toString()};
    Typed typed = Typed.run(lathe, words);
    assertThat(typed.out())
        .isEqualTo(
            "It is blue.\n\"It is blue\"  4 to 14 of sky\n"
                + "cut at its most tokens (--max-tokens allows more)\n"
                + "not read, for want of room: sea\n");
    assertThat(lathe.asked)
        .contains(
            "answer demo/chat Why? [Document[id=Optional[" + sky + "], text=Now it is blue.]]");
    Typed json =
        Typed.run(
            lathe, "answer", "demo/chat", "Why?", "--text", "x", "--max-tokens", "3", "--json");
    assertThat(json.json().path("answer").asString()).isEqualTo("It is blue.\n");
    assertThat(json.json().at("/usage/cached_tokens").asInt()).isEqualTo(4);
    assertThat(json.json().has("answers")).isFalse();
    Typed found = Typed.run(lathe, "answer", "demo/qa", "Why?", "--document", sky.toString());
    assertThat(found.out()).isEqualTo("blue  0.8750  11 to 15 of d\n");
    Typed missing = Typed.run(lathe, "answer", "demo/qa", "Why?", "--document", "no-such-file");
    assertThat(missing.exit()).isNotZero();
    assertThat(missing.err()).contains("no-such-file: cannot be read");
  }

  @Test
  void classes_areShownBestFirst() {
    Typed typed = Typed.run(lathe, "classify", "demo/mood", "fine", "In Paris", "--labels", "x,y");
    assertThat(typed.out()).contains("0.7500  good", "0.2500  bad", "LOC  Paris  3 to 8");
    assertThat(lathe.asked).contains("classify demo/mood [fine, In Paris][x, y]");
  }

  @Test
  void recipeInTheHelp_isARecipe() {
    List<String> help = Typed.run(lathe, "train", "--help").out().lines().toList();
    List<String> lines = help.subList(help.indexOf("A recipe:") + 1, help.size());
    String yaml = lines.stream().map(String::strip).collect(Collectors.joining("\n"));
    Recipe recipe = Recipe.parse(yaml, "help");
    assertThat(recipe.model()).isEqualTo("demo/flowers");
    assertThat(recipe.epochs()).isEqualTo(60);
  }

  @Test
  void misspelledVerb_isSuggested() {
    assertThat(Typed.run(lathe, "modles").err()).contains("lathe models");
  }

  @Test
  void show_saysHowWellEachClassIsTold() {
    Typed typed = Typed.run(lathe, "show", "demo/digits");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out().lines())
        .contains(
            "TEST  PRECISION  RECALL  F1      EXAMPLES",
            "no    0.7500     0.6000  0.6667  5",
            "TAKEN FOR  no  yes",
            "no         3   2",
            "yes        1   2");
  }

  @Test
  void models_areATableForPeople() {
    Typed typed = Typed.run(lathe, "models");
    assertThat(typed.exit()).isZero();
    assertThat(typed.out().lines())
        .containsExactly(
            "MODEL        VERSIONS  LATEST  LIVE", "demo/digits  2         v2      prod v1");
    assertThat(lathe.asked).endsWith("close");
  }

  @Test
  void noModels_sayHowToMakeOne() {
    lathe.models = List.of();
    Typed typed = Typed.run(lathe, "models");
    assertThat(typed.out()).isEmpty();
    assertThat(typed.err()).contains("lathe quickstart");
  }

  @Test
  void json_isOneDocumentInSnakeCase() {
    assertThat(Typed.run(lathe, "models", "--json").json().get(0).get("name").asString())
        .isEqualTo("demo/digits");
    assertThat(
            Typed.run(lathe, "show", "demo/digits@v1", "--json")
                .json()
                .get("origin")
                .get("seed")
                .asLong())
        .isEqualTo(42);
  }

  @Test
  void log_hasOneLineForEachVersionAndNoControlCharacters() {
    Typed typed = Typed.run(lathe, "log", "demo/digits");
    assertThat(typed.out().lines()).hasSize(3);
    assertThat(typed.out()).contains("v2", "1 min ago", "98.75 %", "2 h ago", "Better");
    assertThat(typed.out()).doesNotContain("\u001b", "and more");
  }

  @Test
  void colours_appearOnATerminalOnly() {
    assertThat(Typed.run(lathe, TERMINAL, "", "models").out()).contains("\u001b[36mdemo/digits");
    assertThat(Typed.run(lathe, "models").out()).doesNotContain("\u001b");
    Screen.Traits plain = new Screen.Traits(true, true, false, true, 100);
    assertThat(Typed.run(lathe, plain, "", "models").out()).doesNotContain("\u001b");
  }

  @Test
  void unknownModel_exitsWith1AndOneLine() {
    Typed typed = Typed.run(lathe, "log", "no/model");
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).isEqualTo("lathe: model no/model: unknown" + System.lineSeparator());
  }

  @Test
  void deploy_takesTheNewestVersionWhereNoneIsGiven() {
    assertThat(Typed.run(lathe, "deploy", "demo/digits", "--env", "staging").exit()).isZero();
    assertThat(lathe.asked).contains("deploy demo/digits latest staging");
  }

  @Test
  void deploy_putsOnTrial() {
    Typed.run(lathe, "deploy demo/digits@v2 --env prod --canary 10".split(" "));
    Typed.run(lathe, "deploy demo/digits@v2 -e prod --canary-header x-beta=yes".split(" "));
    Typed.run(lathe, "deploy demo/digits@v2 -e prod --shadow --set a.b=3".split(" "));
    Typed.run(lathe, "deploy demo/digits@v2 -e prod --shadow=50 --set a=".split(" "));
    lathe.asked.removeIf("close"::equals);
    assertThat(lathe.asked)
        .containsExactly(
            "deploy demo/digits v2 prod CANARY 10.0",
            "deploy demo/digits v2 prod CANARY x-beta=yes",
            "deploy demo/digits v2 prod SHADOW {a.b=3}",
            "deploy demo/digits v2 prod SHADOW 50.0 {a=}");
    Typed both = Typed.run(lathe, "deploy demo/digits -e prod --canary 10 --shadow".split(" "));
    assertThat(both.exit()).isEqualTo(2);
  }

  @Test
  void trial_endsByPromotionOrRollback() {
    assertThat(Typed.run(lathe, "promote demo/digits --env prod".split(" ")).out())
        .contains("demo/digits v2 is live in prod");
    Typed.run(lathe, "promote demo/digits@v3 --env prod --shadow".split(" "));
    assertThat(lathe.asked)
        .contains("promote demo/digits prod", "promote demo/digits prod SHADOW v3");
    assertThat(Typed.run(lathe, "rollback demo/digits --env prod".split(" ")).out())
        .contains("demo/digits v1 is live in prod");
    assertThat(Typed.run(lathe, "history demo/digits --env prod".split(" ")).out())
        .contains("Roll back prod: v2; bad");
  }

  @Test
  void trial_namesTheRequestsWhoseAnswersDiffer() {
    String out = Typed.run(lathe, "trial demo/digits --env prod".split(" ")).out();
    assertThat(out)
        .contains("canary v2 rolled back: bad", "shadow v3 running")
        .contains("1 of 5 answers differ from the live version's, 2 not compared")
        .containsPattern("request-7 +y: label +cat +dog");
    assertThat(Typed.run(lathe, "trial demo/digits --env prod --json".split(" ")).out())
        .contains("\"id\" : \"request-7\"", "\"kind\" : \"label\"");
  }

  @Test
  void checkout_takesTheModelsNameForTheFolder() {
    assertThat(Typed.run(lathe, "checkout", "demo/digits@prod").exit()).isZero();
    assertThat(lathe.asked).contains("checkout demo/digits prod digits");
  }

  @Test
  void predict_asksTheVersionThatIsLiveInProd() {
    Typed typed = Typed.run(lathe, "predict", "demo/digits", "--input", "[[[0,1],[2,3]]]");
    assertThat(typed.exit()).isZero();
    assertThat(lathe.asked).contains("predict demo/digits v1 FLOAT[1, 1, 2, 2]");
    assertThat(typed.out()).contains("demo/digits v1: yes  (75.0 %)").contains("yes   75.0 %  ██");
  }

  @Test
  void predict_readsStandardInputAndAnswersWithIntegersAsIntegers() {
    Typed typed =
        Typed.run(lathe, Screen.Traits.PIPE, "1,2,3,4\n", "predict", "a/b@v7", "-i", "-", "--json");
    assertThat(typed.json().get("answers").get(0).asString()).isEqualTo("yes");
    assertThat(typed.json().get("outputs").get("label").toString()).isEqualTo("[1]");
    assertThat(lathe.asked).contains("predict a/b v7 FLOAT[1, 1, 2, 2]");
  }

  @Test
  void predict_refusesAWrongShapeWithWhatIsExpected() {
    Typed typed = Typed.run(lathe, "predict", "demo/digits", "--input", "1,2,3");
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains("3 columns (expected: 4");
  }

  @Test
  void train_writesALineForEachEpochAndTheResult(@TempDir Path folder) throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    Typed typed = Typed.run(lathe, "train", recipe.toString());
    assertThat(typed.exit()).isZero();
    assertThat(lathe.asked).contains("train model: demo/digits");
    assertThat(typed.out()).contains("Released demo/digits@v2: test_accuracy 98.75 % (50 s)");
    assertThat(typed.err().lines().filter(line -> line.startsWith("step")))
        .hasSize(2)
        .allMatch(line -> line.contains("validation accuracy 90.0 %"));
  }

  @Test
  void train_drawsABarOnATerminal(@TempDir Path folder) throws IOException {
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    Typed typed = Typed.run(lathe, TERMINAL, "", "train", recipe.toString());
    assertThat(typed.err()).contains("\r", "100%", "epoch 2/2", "loss 0.2500");
  }

  @Test
  void failedTraining_exitsWith1AndSaysWhy(@TempDir Path folder) throws IOException {
    lathe.outcome = JobState.FAILED;
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    Typed typed = Typed.run(lathe, "train", recipe.toString());
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err()).contains("job job-1 failed: loss is NaN at step 7");
  }

  @Test
  void trainingOnWrongOrMissingData_exitsWith2(@TempDir Path folder) throws IOException {
    lathe.outcome = JobState.FAILED;
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    for (ErrorKind kind : ErrorKind.values()) {
      lathe.errorKind = Optional.of(kind);
      boolean wrong = kind == ErrorKind.INVALID || kind == ErrorKind.NOT_FOUND;
      assertThat(Typed.run(lathe, "train", recipe.toString()).exit())
          .as(kind.toString())
          .isEqualTo(wrong ? 2 : 1);
    }
  }

  @Test
  void stoppedTraining_saysHowToGoOn(@TempDir Path folder) throws IOException {
    lathe.outcome = JobState.CANCELLED;
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    Typed typed =
        Typed.run(lathe, "train", recipe.toString(), "--data", folder.resolve("d").toString());
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err())
        .containsOnlyOnce("Go on with: lathe jobs resume job-1 --data " + folder.resolve("d"));
  }

  @Test
  void recipeThatIsNoTextOrNoFile_isNamedWithWhatIsExpected(@TempDir Path folder)
      throws IOException {
    Path latin = Files.write(folder.resolve("r.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe9});
    Typed typed = Typed.run(lathe, "train", latin.toString());
    assertThat(typed.exit()).isEqualTo(2);
    assertThat(typed.err()).contains(latin.toString(), "UTF-8");
    Typed directory = Typed.run(lathe, "train", folder.toString());
    assertThat(directory.exit()).isEqualTo(2);
    assertThat(directory.err()).contains(folder + ": no regular file");
    assertThat(Typed.run(lathe, "train", folder.resolve("none").toString()).err())
        .contains("none: no such file");
  }

  @Test
  void trainingThatFailedOnItsWay_saysHowToGoOn(@TempDir Path folder) throws IOException {
    lathe.outcome = JobState.FAILED;
    Path recipe = Files.writeString(folder.resolve("r.yaml"), "model: demo/digits");
    String goOn = "Go on with: lathe jobs resume job-1";
    lathe.errorKind = Optional.of(ErrorKind.EXHAUSTED);
    assertThat(Typed.run(lathe, "train", recipe.toString()).err()).doesNotContain(goOn);
    lathe.advanced = true;
    assertThat(Typed.run(lathe, "train", recipe.toString()).err()).containsOnlyOnce(goOn);
    assertThat(Typed.run(lathe, "jobs", "show", "job-1").out()).contains("jobs resume job-1");
    Typed.run(lathe, "train", "--resume");
    assertThat(lathe.asked).contains("resume job-1");
    lathe.errorKind = Optional.of(ErrorKind.INVALID);
    assertThat(Typed.run(lathe, "train", recipe.toString()).err()).doesNotContain(goOn);
    assertThat(Typed.run(lathe, "train", "--resume").err()).contains("nothing to resume");
  }

  @Test
  void resume_takesTheNewestStoppedJobOrTheOneNamed() {
    lathe.outcome = JobState.INTERRUPTED;
    assertThat(Typed.run(lathe, "train", "--resume").exit()).isEqualTo(1);
    Typed.run(lathe, "train", "--resume", "job-9");
    Typed.run(lathe, "jobs", "resume", "job-3");
    assertThat(lathe.asked).contains("resume job-1", "resume job-9", "resume job-3");
    lathe.outcome = JobState.SUCCEEDED;
    Typed nothing = Typed.run(lathe, "train", "--resume");
    assertThat(nothing.exit()).isEqualTo(2);
    assertThat(nothing.err()).contains("nothing to resume");
  }

  @Test
  void internalError_namesTheLogAndHidesTheTrace(@TempDir Path folder) throws IOException {
    lathe.broken = true;
    Typed typed = Typed.run(lathe, "models", "--data", folder.toString());
    assertThat(typed.exit()).isEqualTo(1);
    assertThat(typed.err().lines()).hasSize(1);
    assertThat(typed.err()).contains(folder.resolve("lathe.log").toString());
    assertThat(folder.resolve("lathe.log")).content().contains("broken on purpose");
  }
}
