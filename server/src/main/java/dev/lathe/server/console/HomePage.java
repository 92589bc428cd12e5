package dev.lathe.server.console;

import dev.lathe.server.JobInfo;
import dev.lathe.server.ModelInfo;
import java.util.List;
import java.util.TreeMap;

/**
 * The first page: the models, and what is being worked on.
 *
 * @param models the models, by name
 * @param jobs the newest jobs
 */
record HomePage(List<ModelInfo> models, List<JobInfo> jobs) {
  Page page() {
    Html body =
        Html.of(
            "<h1>Models</h1>\n{}\n<h2>Newest jobs</h2>\n{}",
            models.isEmpty() ? none() : table(),
            JobsPage.table(jobs));
    return new Page("Models", body, List.of("times.js"));
  }

  private static Html none() {
    return new Html(
        """
        <p class="empty" id="no-models">No models yet. Make one: <code>lathe quickstart</code>,
        or <code>lathe train recipe.yaml</code>.</p>
        """);
  }

  private Html table() {
    return Html.of(
        """
        <div class="scroll"><table id="models">
        <thead><tr><th>Model</th><th>Newest</th><th>Versions</th><th>Live</th></tr></thead>
        <tbody>{}</tbody>
        </table></div>
        """,
        models.stream().map(HomePage::row).toList());
  }

  private static Html row(ModelInfo model) {
    List<Html> live =
        new TreeMap<>(model.live())
            .entrySet().stream()
                .map(
                    entry ->
                        Html.of(
                            "<span class=\"live\">{}</span> {} ", entry.getKey(), entry.getValue()))
                .toList();
    return Html.of(
        "<tr><td><a href=\"/models/{}\">{}</a></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        model.name(),
        model.name(),
        model.latest().orElse("–"),
        model.versions(),
        live.isEmpty() ? "–" : live);
  }
}
