package dev.lathe.server.modeldocs;

import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.serve.LoadedModel;
import dev.lathe.server.console.Html;
import dev.lathe.server.infer.Inference;
import java.util.Arrays;
import java.util.List;

/** A page about one model: what it takes and gives, and code that asks it. Loads nothing. */
final class ModelPage {
  private static final Html STYLE =
      new Html(
          """
          <style>
          :root { color-scheme: light dark; }
          body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 56rem;
                 padding: 0 1rem; }
          table { border-collapse: collapse; width: 100%; }
          th, td { border-bottom: 1px solid #8886; padding: .3rem .6rem; text-align: left; }
          pre { background: #8882; overflow: auto; padding: .8rem; border-radius: .3rem; }
          </style>
          """);

  private ModelPage() {}

  /**
   * The whole page.
   *
   * @param server the server's address, without a slash at its end
   * @param path the model's path below it
   */
  static Html of(LoadedModel model, String server, String path) {
    String name = Inference.shown(model.id().model());
    Snippets code = new Snippets(server + path);
    List<String> labels = model.metadata().labels();
    return Html.of(
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{} · Lathe</title>
        {}</head>
        <body>
        <h1>{} <small>{}</small></h1>
        {}<h2>Takes</h2>
        {}<h2>Gives</h2>
        {}<h2>Ask it</h2>
        <p><a href="{}/example.json">A request that works</a>, and the
        <a href="{}/openapi.json">OpenAPI document</a>. Where the server wants a key, send it as
        <code>Authorization: Bearer KEY</code>.</p>
        <h3>curl</h3>
        <pre id="curl">{}</pre>
        <h3>Python</h3>
        <pre id="python">{}</pre>
        <h3>Java</h3>
        <pre id="java">{}</pre>
        </body>
        </html>
        """,
        name,
        STYLE,
        name,
        model.id().version(),
        labels.isEmpty()
            ? Html.NONE
            : Html.of("<p>Classes in order: {}</p>\n", String.join(", ", labels)),
        table(model.inputs()),
        table(model.outputs()),
        path,
        path,
        code.curl(),
        code.python(),
        code.java());
  }

  private static Html table(List<ValueInfo> values) {
    List<Html> rows =
        values.stream()
            .map(
                value ->
                    Html.of(
                        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td></tr>\n",
                        value.name(),
                        Datatype.nameOf(value.tensorType().element()),
                        Arrays.toString(value.tensorType().shape().sizes())))
            .toList();
    return Html.of(
        "<table>\n<tr><th>Name</th><th>Datatype</th><th>Shape</th></tr>\n{}</table>\n", rows);
  }
}
