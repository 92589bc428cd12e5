package dev.lathe.server.console;

import dev.lathe.server.VersionDetails;
import dev.lathe.server.VersionDetails.Port;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * One version in full.
 *
 * @param address where this server is reached
 * @param version the version
 */
record VersionSection(String address, VersionDetails version) {
  private static final int LONGEST_EXAMPLE = 16;

  Html html() {
    return Html.of(
        """
        <section id="version" data-version="{}">
        <h2>{} {}</h2>
        <p id="metrics">{}</p>
        <dl>
        <dt>Released</dt><dd>{} · commit <code>{}</code></dd>
        <dt>Message</dt><dd>{}</dd>
        <dt>Task</dt><dd>{}{}</dd>
        {}{}{}</dl>
        <details><summary>Files</summary>
        <div class="scroll"><table id="files">
        <thead><tr><th>File</th><th>Size</th><th>Kept in</th><th>Digest</th></tr></thead>
        <tbody>{}</tbody></table></div></details>
        <details><summary>Ask it with curl</summary>
        <pre class="copy"><code id="curl">{}</code></pre></details>
        </section>
        """,
        version.version(),
        version.version(),
        Shown.environments(version.environments()),
        Shown.metrics(version.origin().metrics()),
        Shown.time(version.created()),
        Shown.shortened(version.commit()),
        version.message(),
        version.task(),
        labels(),
        version.inputs().stream().map(port -> port("Input", port)).toList(),
        version.outputs().stream().map(port -> port("Output", port)).toList(),
        origin(version.origin()),
        version.files().stream().map(this::file).toList(),
        curl());
  }

  private String labels() {
    return version.labels().isEmpty()
        ? ""
        : " · " + version.labels().size() + " labels: " + String.join(" ", version.labels());
  }

  private static Html port(String kind, Port port) {
    String sizes = port.shape().stream().map(VersionSection::size).collect(Collectors.joining("×"));
    return Html.of(
        "<dt>{}</dt><dd><code>{}</code> {} {}</dd>\n", kind, port.name(), port.datatype(), sizes);
  }

  private static String size(long size) {
    return size < 0 ? "N" : Long.toString(size);
  }

  private static Html origin(VersionDetails.Origin origin) {
    List<Html> data =
        origin.data().stream()
            .map(
                entry ->
                    Html.of(
                        "<dt>Data</dt><dd>{}{} · <code>{}</code></dd>\n",
                        entry.name(),
                        entry.examples() == 0 ? "" : " · " + entry.examples() + " examples",
                        Shown.shortened(entry.sha256())))
            .toList();
    String parents = String.join(", ", origin.parents());
    return Html.of(
        "<dt>Made by</dt><dd>{}{} · seed {} · {}</dd>\n{}",
        origin.operation(),
        parents.isEmpty() ? "" : " from " + parents,
        origin.seed(),
        origin.tool(),
        data);
  }

  private Html file(VersionDetails.FileEntry file) {
    return Html.of(
        "<tr><td><a href=\"/api/v1/models/{}/versions/{}/files/{}\">{}</a></td><td>{}</td>"
            + "<td>{}</td><td><code>{}</code></td></tr>\n",
        version.model(),
        version.version(),
        file.path(),
        file.path(),
        Shown.size(file.size()),
        file.storage(),
        Shown.shortened(file.digest()));
  }

  /** A command that can be pasted; data in full only where it is short. */
  private String curl() {
    String inputs =
        version.inputs().stream().map(VersionSection::example).collect(Collectors.joining(", "));
    boolean whole = version.inputs().stream().allMatch(port -> elements(port) <= LONGEST_EXAMPLE);
    String body = "{\"inputs\": [" + inputs + "]}";
    String url =
        address + "/v2/models/" + version.model() + "/versions/" + version.version() + "/infer";
    return "curl -s "
        + url
        + " \\\n  -H 'Content-Type: application/json' \\\n  -d "
        + (whole ? "'" + body + "'" : "@request.json")
        + (whole ? "" : "\n# request.json: " + body);
  }

  private static String example(Port port) {
    String shape =
        port.shape().stream()
            .map(size -> Long.toString(size < 0 ? 1 : size))
            .collect(Collectors.joining(", "));
    long elements = elements(port);
    String data =
        elements <= LONGEST_EXAMPLE
            ? LongStream.range(0, elements).mapToObj(i -> "0").collect(Collectors.joining(", "))
            : elements + " numbers";
    return "{\"name\": \""
        + port.name()
        + "\", \"shape\": ["
        + shape
        + "], \"datatype\": \""
        + port.datatype()
        + "\", \"data\": ["
        + data
        + "]}";
  }

  private static long elements(Port port) {
    return port.shape().stream().mapToLong(size -> size < 0 ? 1 : size).reduce(1, (a, b) -> a * b);
  }
}
