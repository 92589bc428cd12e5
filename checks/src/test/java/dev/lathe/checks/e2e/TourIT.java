package dev.lathe.checks.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.testkit.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The verbs one by one, as a user and as a script. */
class TourIT {
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir Path folder;

  @Test
  void verbs_workOneByOne() throws Exception {
    Product product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 3, 2);
    json(product, "train", recipe.toString());
    json(product, "train", recipe.toString());
    Product.Result missing = product.run("show", "no/model@v1", "--data", "data");
    assertThat(missing.exit()).isEqualTo(1);
    assertThat(missing.err()).contains("no/model").doesNotContain("\tat ");
    JsonNode models = json(product, "models");
    assertThat(models.get(0).get("name").asString()).isEqualTo("team/digits");
    assertThat(models.get(0).get("versions").asInt()).isEqualTo(2);
    JsonNode log = json(product, "log", "team/digits");
    assertThat(List.of(log.get(0), log.get(1)))
        .extracting(entry -> entry.get("version").asString())
        .containsExactly("v2", "v1");
    JsonNode shown = json(product, "show", "team/digits@v1");
    assertThat(shown.get("origin").get("seed").asLong()).isEqualTo(3);
    assertThat(json(product, "show", "team/digits@v1", "--graph").get("graph").asString())
        .contains("Conv", "Softmax", "float[N,1,28,28] x");
    JsonNode deployed = json(product, "deploy", "team/digits@v1", "--env", "prod");
    assertThat(deployed.get("version").asString()).isEqualTo("v1");
    Files.writeString(folder.resolve("zeros.json"), drawing());
    JsonNode answer = json(product, "predict", "team/digits", "--input", "zeros.json");
    assertThat(answer.toString()).contains("label");
  }

  @Test
  void sameVerbs_workAgainstARunningServer() throws Exception {
    Product product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 3, 1);
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      String[] remote = {"--server", server.address()};
      assertThat(run(product, remote, "train", recipe.toString()).exit()).isZero();
      JsonNode log = JSON.readTree(run(product, remote, "log", "team/digits", "--json").out());
      assertThat(log.get(0).get("version").asString()).isEqualTo("v1");
      assertThat(run(product, remote, "deploy", "team/digits@v1", "--env", "prod").exit()).isZero();
      Files.writeString(folder.resolve("zeros.json"), drawing());
      assertThat(run(product, remote, "predict", "team/digits", "--input", "zeros.json").exit())
          .isZero();
    }
  }

  @Test
  void badInput_exitsWith2AndOneLine() {
    Product product = new Product(folder);
    assertThat(product.run("nonsense").exit()).isEqualTo(2);
    Product.Result nowhere = product.run("show", "no/model@v1", "--data", "nowhere");
    assertThat(nowhere.exit()).isEqualTo(2);
    assertThat(nowhere.err()).contains("nowhere").doesNotContain("\tat ");
    assertThat(folder.resolve("nowhere")).doesNotExist();
    Product.Result publicBind = product.run("serve", "--host", "0.0.0.0", "--port", "0");
    assertThat(publicBind.exit()).isNotZero();
    assertThat(publicBind.err()).contains("0.0.0.0");
  }

  @Test
  void portInUse_isSaidAndNothingStarts() {
    Product product = new Product(folder);
    try (Product.Server server = product.serve(folder.resolve("data"))) {
      String port = server.address().substring(server.address().lastIndexOf(':') + 1);
      Product.Result second = product.run("serve", "--data", "other", "--port", port);
      assertThat(second.exit()).isEqualTo(1);
      assertThat(second.err()).contains(port).contains("in use");
    }
  }

  @Test
  void optdigits_reachesTheFigureOfItsRecipe() throws Exception {
    Shared.path("data/optdigits-test.csv");
    Product product = new Product(folder);
    Path recipe = Path.of("").toAbsolutePath().resolve("../examples/optdigits.yaml").normalize();
    JsonNode job = json(product, "train", recipe.toString());
    assertThat(job.toString()).contains("accuracy");
    JsonNode log = json(product, "log", job.get("model").asString());
    double accuracy = log.get(0).get("metrics").get("test_accuracy").asDouble();
    assertThat(accuracy).isGreaterThanOrEqualTo(0.98);
  }

  private JsonNode json(Product product, String... arguments) {
    String[] more = {"--data", "data", "--json"};
    return JSON.readTree(run(product, more, arguments).expect(0).out());
  }

  private static Product.Result run(Product product, String[] more, String... arguments) {
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return product.run(all);
  }

  /** A request of the Open Inference Protocol with one empty drawing. */
  static String drawing() {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1,28,28],\"datatype\":\"FP32\",\"data\":["
        + "0,".repeat(783)
        + "0]}]}";
  }
}
