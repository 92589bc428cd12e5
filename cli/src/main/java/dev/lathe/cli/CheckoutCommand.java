package dev.lathe.cli;

import dev.lathe.server.Lathe;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a version's files into a folder. */
@Command(
    name = "checkout",
    description = "Write a version's files, weights included, into an empty folder.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  lathe checkout demo/digits@v1 ./digits",
      "  lathe checkout demo/digits@prod       into ./digits"
    })
final class CheckoutCommand implements Callable<Integer> {
  @Mixin private final Help help = new Help();
  @Mixin private final Place place = new Place();
  private final Bench bench;

  @Parameters(
      index = "0",
      paramLabel = "MODEL[@VERSION]",
      description = "The model and its version: v1, latest, or an environment's name.")
  private ModelReference model = new ModelReference("", "");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "DIR",
      description = "Where to; the model's own name if not given.")
  private @Nullable Path directory;

  CheckoutCommand(Bench bench) {
    this.bench = bench;
  }

  @Override
  public Integer call() {
    String name = model.model().substring(model.model().indexOf('/') + 1);
    Path target = directory == null ? Path.of(name) : directory;
    String version = model.versionOr("latest");
    try (Lathe lathe = bench.open(place)) {
      lathe.checkout(model.model(), version, target);
    }
    Map<String, String> done =
        Map.of("model", model.model(), "version", version, "directory", target.toString());
    bench.answer(
        place, done, () -> bench.screen().line(model.model() + " " + version + " is in " + target));
    return 0;
  }
}
