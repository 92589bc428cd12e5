package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Table;
import dev.lathe.cli.text.Words;
import dev.lathe.server.VersionDetails;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A version on the terminal.
 *
 * @param version what to show
 * @param bench where to show it
 */
record VersionPage(VersionDetails version, Bench bench) {
  private static final int DIGEST = 12;

  void print() {
    Screen screen = bench.screen();
    String live = String.join(", ", version.environments());
    String title = version.model() + " " + version.version();
    screen.line(
        screen.paint(Style.BOLD, title)
            + (live.isEmpty() ? "" : screen.paint(Style.GOOD, "  live in " + live)));
    String age = Words.ago(version.created(), bench.clock().instant());
    field("released", age + " (" + version.created() + "), commit " + version.commit());
    field("message", Words.firstLine(version.message()));
    field("task", version.task() + labels());
    version.inputs().forEach(port -> field("input", describe(port)));
    version.outputs().forEach(port -> field("output", describe(port)));
    field("metrics", Words.metrics(version.origin().metrics()));
    printOrigin(version.origin());
    EvaluationPage.print(version.evaluations(), screen);
    printFiles();
  }

  private void printOrigin(VersionDetails.Origin origin) {
    String parents = String.join(", ", origin.parents());
    field(
        "made by",
        origin.operation()
            + (parents.isEmpty() ? "" : " from " + parents)
            + ", seed "
            + origin.seed()
            + ", "
            + origin.tool());
    for (VersionDetails.DataEntry data : origin.data()) {
      String examples = data.examples() == 0 ? "" : ", " + data.examples() + " examples";
      field("data", data.name() + examples + ", sha256 " + shortened(data.sha256()));
    }
    origin.recipe().ifPresent(file -> field("recipe", file));
  }

  private void printFiles() {
    Table table = new Table("FILE", "SIZE", "STORED IN", "DIGEST");
    for (VersionDetails.FileEntry file : version.files()) {
      table.row(file.path(), Words.size(file.size()), file.storage(), shortened(file.digest()));
    }
    bench.screen().line("");
    table.lines().forEach(bench.screen()::line);
  }

  private static String shortened(String digest) {
    return digest.substring(0, Math.min(DIGEST, digest.length()));
  }

  private String labels() {
    List<String> labels = version.labels();
    return labels.isEmpty()
        ? ""
        : ", " + labels.size() + " labels: " + labels.stream().collect(Collectors.joining(" "));
  }

  private static String describe(VersionDetails.Port port) {
    return port.name() + "  " + port.datatype() + " " + port.shape();
  }

  private void field(String name, String value) {
    Screen screen = bench.screen();
    String padded = String.format("  %-9s", name);
    screen.line(screen.paint(Style.DIM, padded) + " " + value.replaceAll("[\\p{Cc}]", " "));
  }
}
