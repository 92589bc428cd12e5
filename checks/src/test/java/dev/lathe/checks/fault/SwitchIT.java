package dev.lathe.checks.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.checks.e2e.Product;
import dev.lathe.checks.e2e.Recipes;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Versions switch under load without a failed request. */
class SwitchIT {
  private static final int SWITCHES = 50;
  private static final int CALLERS = 6;

  @TempDir Path folder;

  @Test
  void fiftySwitches_failNoRequest() throws Exception {
    Product product = new Product(folder);
    for (int seed = 1; seed <= 2; seed++) {
      Path recipe = Recipes.small(folder, "team/digits", seed, 1);
      product.run("train", recipe.toString(), "--data", "data").expect(0);
    }
    product.run("deploy", "team/digits@v1", "--env", "prod", "--data", "data").expect(0);
    try (Product.Server server = product.serve(folder.resolve("data"));
        HttpClient client = HttpClient.newHttpClient();
        ExecutorService threads = Executors.newFixedThreadPool(CALLERS)) {
      AtomicBoolean stop = new AtomicBoolean();
      AtomicLong answered = new AtomicLong();
      Set<String> versions = ConcurrentHashMap.newKeySet();
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(
            threads.submit(
                () -> {
                  while (!stop.get()) {
                    HttpResponse<String> answer = infer(client, server.address());
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                    versions.add(
                        JsonMapper.shared()
                            .readTree(answer.body())
                            .get("model_version")
                            .asString());
                    answered.incrementAndGet();
                  }
                  return null;
                }));
      }
      try {
        for (int i = 0; i < SWITCHES; i++) {
          deploy(client, server.address(), i % 2 == 0 ? "v2" : "v1");
          long until = answered.get() + 20;
          while (answered.get() < until && callers.stream().noneMatch(Future::isDone)) {
            Thread.onSpinWait();
          }
        }
      } finally {
        stop.set(true);
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      assertThat(versions).hasSize(2);
      assertThat(answered.get()).isGreaterThan(SWITCHES * 20L);
    }
  }

  private static void deploy(HttpClient client, String address, String version) throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address + "/api/v1/models/team/digits/deployments"))
                .header("Content-Type", "application/json")
                .POST(
                    HttpRequest.BodyPublishers.ofString(
                        "{\"version\":\"" + version + "\",\"environment\":\"prod\"}"))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  private static HttpResponse<String> infer(HttpClient client, String address) throws Exception {
    String body =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1,28,28],\"datatype\":\"FP32\",\"data\":["
            + "0,".repeat(783)
            + "0]}]}";
    return client.send(
        HttpRequest.newBuilder(URI.create(address + "/v2/models/team/digits/infer"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }
}
