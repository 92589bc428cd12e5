package dev.lathe.server;

import dev.lathe.explain.Explainer;
import dev.lathe.explain.Explanation;
import dev.lathe.ir.LatheException;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Explains answers, one request at a time: an explanation takes as long as many answers. */
final class Explaining {
  private static final long PATIENCE_SECONDS = 20;

  private final Registry registry;
  private final Semaphore turn = new Semaphore(1, true);

  Explaining(Registry registry) {
    this.registry = registry;
  }

  /**
   * Explains what a version answers.
   *
   * @throws LatheException BUSY if it is not this request's turn in time; NOT_OFFERED if the
   *     version has no model of its own; as {@link Explainer} says
   */
  Explained explain(VersionInfo version, ExplainRequest request) {
    if (!take()) {
      throw new LatheException(
          ServerError.BUSY,
          "another explanation takes longer than " + PATIENCE_SECONDS + " s; try again later");
    }
    try {
      return explained(version, request);
    } finally {
      turn.release();
    }
  }

  private boolean take() {
    try {
      return turn.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Explained explained(VersionInfo version, ExplainRequest request) {
    Path file = registry.materialize(version.model(), version.version()).resolve(Release.MODEL);
    if (!Files.exists(file)) {
      throw new LatheException(
          ServerError.NOT_OFFERED,
          version.model() + "@" + version.version() + " has no model of its own to explain");
    }
    List<String> labels = version.metadata().labels();
    Explainer explainer =
        new Explainer(OnnxFile.read(file), request.input().orElse(""), request.output().orElse(""));
    List<Explained.Row> rows =
        explainer.explain(request.inputs(), request.question(labels)).stream()
            .map(one -> row(one, labels))
            .toList();
    return new Explained(
        version.model().toString(),
        version.version(),
        explainer.input(),
        explainer.output(),
        request.methodName(),
        rows);
  }

  private static Explained.Row row(Explanation one, List<String> labels) {
    Optional<String> label =
        one.target() < labels.size() ? Optional.of(labels.get(one.target())) : Optional.empty();
    return new Explained.Row(
        one.target(), label, one.score(), one.baselineScore(), one.gap(), one.attributions());
  }
}
