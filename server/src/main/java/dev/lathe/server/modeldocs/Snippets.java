package dev.lathe.server.modeldocs;

/**
 * Code that asks a model with its example request, ready to be run.
 *
 * @param url the model's address
 */
record Snippets(String url) {
  String curl() {
    return """
    curl -s %1$s/example.json -o request.json
    curl -s -H 'Content-Type: application/json' -d @request.json %1$s/infer
    """
        .formatted(url);
  }

  String python() {
    return """
    import json, urllib.request

    model = "%s"
    request = json.load(urllib.request.urlopen(model + "/example.json"))
    answer = json.load(urllib.request.urlopen(urllib.request.Request(
        model + "/infer", json.dumps(request).encode(), {"Content-Type": "application/json"})))
    for output in answer["outputs"]:
        print(output["name"], output["shape"], output["data"][:10])
    """
        .formatted(url);
  }

  String java() {
    return """
    import java.net.URI;
    import java.net.http.*;

    class Ask {
      public static void main(String[] arguments) throws Exception {
        String model = "%s";
        try (HttpClient http = HttpClient.newHttpClient()) {
          String request = http.send(
              HttpRequest.newBuilder(URI.create(model + "/example.json")).build(),
              HttpResponse.BodyHandlers.ofString()).body();
          System.out.println(http.send(
              HttpRequest.newBuilder(URI.create(model + "/infer"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(request)).build(),
              HttpResponse.BodyHandlers.ofString()).body());
        }
      }
    }
    """
        .formatted(url);
  }
}
