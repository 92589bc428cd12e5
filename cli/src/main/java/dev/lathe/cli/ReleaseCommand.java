package dev.lathe.cli;

import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.server.Lathe;
import dev.lathe.server.VersionDetails;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Makes files from elsewhere a version. */
@Command(
    name = "release",
    description = {
      "Make an ONNX file, or a folder, the next version of a model.",
      "A folder may hold model.onnx, a lathe.yaml with task, labels and pipeline, and files beside"
          + " them. All of it is checked first."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe release resnet50.onnx --name demo/resnet",
      "  lathe release cats/ --name demo/cats -m 'pictures in, names out'",
      "  lathe release cats/ --name demo/cats --deploy prod --server http://127.0.0.1:8080"
    })
final class ReleaseCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  @Mixin private final NewVersion target = new NewVersion();
  private final Bench bench;

  @Parameters(paramLabel = "SOURCE", description = "The folder, or one ONNX file.")
  private Path source = Path.of("");

  ReleaseCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    try (Lathe lathe = bench.make(place)) {
      VersionDetails version = lathe.release(target.model(), source, target.message());
      target.deploy(lathe, version);
      bench.answer(place, version, () -> show(version));
    }
    return 0;
  }

  private void show(VersionDetails version) {
    Screen screen = bench.screen();
    screen.line(
        screen.paint(Style.NAME, version.model())
            + " "
            + screen.paint(Style.GOOD, version.version())
            + " is released"
            + target.where());
  }
}
