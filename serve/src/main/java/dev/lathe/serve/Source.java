package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.DeploymentPlan;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Serving;
import java.util.List;
import java.util.Optional;

/** Where versions come from. */
interface Source {
  /**
   * What an environment wants.
   *
   * @param plan which version should be live, which are on trial, and how they are served
   * @param change names the change that made it so; another change may want the same again
   */
  record Wish(DeploymentPlan plan, String change) {
    /** The version that should be live. */
    String version() {
      return plan.live();
    }

    /** How requests should wait and run. */
    Serving serving() {
      return plan.serving().orElse(Serving.NONE);
    }
  }

  /**
   * A version that can run.
   *
   * @param engine runs its own model; whoever opened it closes it
   * @param metadata what is known about it
   * @param pipeline what stands around the model, or in its place
   * @param samples requests to its own model that it is warmed up with
   * @param text its text model, if it is one
   * @param writer its encoder and decoder, if it writes a text for a text
   */
  record Opened(
      Engine engine,
      Metadata metadata,
      OpenPipeline pipeline,
      List<WarmSamples.Sample> samples,
      TextSlot text,
      Writer writer)
      implements AutoCloseable {
    /** A model that answers alone. */
    Opened(Engine engine, Metadata metadata) {
      this(engine, metadata, OpenPipeline.NONE);
    }

    /** A version without samples. */
    Opened(Engine engine, Metadata metadata, OpenPipeline pipeline) {
      this(engine, metadata, pipeline, List.of(), TextSlot.none());
    }

    /** A version that writes no text for a text. */
    Opened(
        Engine engine,
        Metadata metadata,
        OpenPipeline pipeline,
        List<WarmSamples.Sample> samples,
        TextSlot text) {
      this(engine, metadata, pipeline, samples, text, Writer.NONE);
    }

    /**
     * What it takes at least.
     *
     * @param ahead what it was charged before it was opened: text models may hold their weights in
     *     a smaller form than that of their files
     */
    long least(long ahead) {
      boolean alone = engine.outputs().isEmpty() && metadata.adapterOf().isEmpty();
      return alone && text.current().isPresent() ? bytes() : Math.max(ahead, bytes());
    }

    /** Bytes of constants, and of a text model's cache. */
    long bytes() {
      return engine.weightBytes() + text.bytes() + writer.bytes();
    }

    @Override
    public void close() {
      try (engine;
          pipeline;
          writer) {
        text.close();
      }
    }
  }

  List<ModelName> models();

  boolean exists(ModelName model);

  /** What an environment wants now; empty if there is no such model or environment. Cheap. */
  Optional<Wish> wish(ModelName model, String environment);

  /**
   * What is known about a version. Cheap.
   *
   * @throws LatheException NOT_FOUND if there is no such model or version
   */
  Metadata metadata(ModelVersion version);

  /**
   * Loads a version.
   *
   * @throws LatheException NOT_FOUND if there is no such model or version, or whatever is wrong
   *     with it
   */
  Opened open(ModelVersion version);

  /**
   * Loads a version as it is to be served; it may need another one to answer.
   *
   * @param wanted the version
   * @param others leases what it needs
   * @throws LatheException as for {@link #open(ModelVersion)}
   */
  default Opened open(Served wanted, PipelineResponder.Models others) {
    return open(wanted.version());
  }

  /**
   * The bytes of a version's files: about what it takes at least. Cheap.
   *
   * @throws LatheException NOT_FOUND if there is no such model or version
   */
  long fileBytes(ModelVersion version);

  /**
   * What a version is charged before it is loaded, in bytes. Cheap.
   *
   * @throws LatheException NOT_FOUND if there is no such model or version; BAD_OPTION
   */
  default long bytesAhead(Served wanted) {
    return fileBytes(wanted.version());
  }

  /**
   * The newest versions of a model. Cheap.
   *
   * @param most how many
   * @return {@code v<N>}, the newest first; empty if there is no such model
   */
  List<String> newest(ModelName model, int most);

  /**
   * Takes the canary out of an environment, with a change that says why; does nothing if another
   * canary is there by now, or none.
   *
   * @param place the environment
   * @param canary the version to be taken out
   * @param reason why
   * @throws LatheException if the change cannot be made
   */
  void takeOut(Place place, String canary, String reason);
}
