package dev.lathe.server.console;

import dev.lathe.registry.DeploymentChange;
import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionSummary;
import java.util.List;
import java.util.Map;

/**
 * The page of a model: its versions, one of them in full, and where it is live.
 *
 * @param address where this server is reached
 * @param versions the newest first
 * @param shown the version in full
 * @param histories what was live when, by environment
 */
record ModelPage(
    String address,
    List<VersionSummary> versions,
    VersionDetails shown,
    Map<String, List<DeploymentChange>> histories) {
  Page page() {
    Html body =
        Html.of(
            """
            <h1>{}</h1>
            <p class="copy"><code id="clone">git clone {}/git/{}.git</code></p>
            <p><a id="for-callers" href="/v2/models/{}/versions/{}/docs">For callers of {} {}</a></p>
            {}{}<h2>Versions</h2>
            {}<h2>Environments</h2>
            {}\
            """,
            shown.model(),
            address,
            shown.model(),
            shown.model(),
            shown.version(),
            shown.model(),
            shown.version(),
            new VersionSection(address, shown).html(),
            DrawingBox.of(shown),
            versionTable(),
            environments());
    return new Page(shown.model(), body, List.of("times.js", "copy.js", "draw.js"));
  }

  private Html versionTable() {
    return Html.of(
        """
        <div class="scroll"><table id="versions">
        <thead><tr><th>Version</th><th>Released</th><th>Live</th><th>Measured</th><th>Message</th></tr></thead>
        <tbody>{}</tbody>
        </table></div>
        """,
        versions.stream().map(this::row).toList());
  }

  private Html row(VersionSummary version) {
    return Html.of(
        """
        <tr{}><td><a href="/models/{}?version={}">{}</a></td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>
        """,
        new Html(version.version().equals(shown.version()) ? " class=\"chosen\"" : ""),
        version.model(),
        version.version(),
        version.version(),
        Shown.time(version.created()),
        Shown.environments(version.environments()),
        Shown.headline(version.metrics()),
        version.message().lines().findFirst().orElse(""));
  }

  private Html environments() {
    if (histories.isEmpty()) {
      return Html.of(
          "<p class=\"empty\">Not live anywhere. <code>lathe deploy {}@{} --env prod</code></p>\n",
          shown.model(),
          shown.version());
    }
    List<Html> rows =
        histories.entrySet().stream()
            .flatMap(
                entry -> entry.getValue().stream().map(change -> change(entry.getKey(), change)))
            .toList();
    return Html.of(
        """
        <div class="scroll"><table id="environments">
        <thead><tr><th>Environment</th><th>When</th><th>Change</th><th>By</th></tr></thead>
        <tbody>{}</tbody>
        </table></div>
        """,
        rows);
  }

  private static Html change(String environment, DeploymentChange change) {
    return Html.of(
        "<tr><td><span class=\"live\">{}</span></td><td>{}</td><td>{} → <b>{}</b></td>"
            + "<td>{}</td></tr>\n",
        environment,
        Shown.time(change.time()),
        change.from().isEmpty() ? "nothing" : change.from(),
        change.to(),
        change.author().name());
  }
}
