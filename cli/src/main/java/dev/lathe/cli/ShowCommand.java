package dev.lathe.cli;

import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.OnnxText;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows one version with all that is known of it. */
@Command(
    name = "show",
    description = "Show a version: what it takes and gives, how it came to be, its files.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe show demo/digits            the newest version",
      "  lathe show demo/digits@v1",
      "  lathe show demo/digits@prod       what is live in prod",
      "  lathe show demo/digits --graph    the ONNX graph as text"
    })
final class ShowCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Option(names = "--graph", description = "Print the model's graph as text instead.")
  private boolean graph;

  ShowCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.open(place)) {
      VersionDetails version = lathe.show(model.model(), model.versionOr("latest"));
      if (graph) {
        String text = graphOf(lathe, version);
        bench.answer(
            place, Map.of("graph", text), () -> text.lines().forEach(bench.screen()::line));
      } else {
        bench.answer(place, version, () -> new VersionPage(version, bench).print());
      }
    }
    return 0;
  }

  private static String graphOf(Lathe lathe, VersionDetails version) {
    try {
      Path folder = Files.createTempDirectory("lathe-show");
      try {
        Path files = folder.resolve("version");
        lathe.checkout(version.model(), version.version(), files);
        return OnnxText.print(OnnxFile.read(files.resolve("model.onnx")));
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("a folder for the version's files", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
