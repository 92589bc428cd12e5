package dev.lathe.server.tasks;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.Sitting;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Choice;
import dev.lathe.serve.ModelVersion;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.speak.PromptMeasure;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Runs released versions, however they are loaded and shared. */
@FunctionalInterface
public interface Runs {
  /**
   * Runs a version.
   *
   * @param model the model
   * @param version {@code v<N>}
   * @param inputs by the names of its signature
   * @return all its outputs
   */
  Map<String, Tensor> run(ModelName model, String version, Map<String, Tensor> inputs);

  /**
   * The environment that answers where a request names none.
   *
   * @return its name
   */
  default String environment() {
    return "prod";
  }

  /**
   * Which version of a model answers the request of this thread where something is on trial.
   *
   * @param model the model
   * @return the choice; empty if nothing is on trial
   */
  default Optional<Choice> choose(ModelName model) {
    return Optional.empty();
  }

  /**
   * Hears which version answers the request of this thread.
   *
   * @param version the version
   */
  default void answering(ModelVersion version) {}

  /**
   * What is done with a model that writes a text for a text.
   *
   * @param <T> what comes of it
   */
  @FunctionalInterface
  interface Writing<T> {
    /**
     * Does it.
     *
     * @param writer the model
     * @param sitting who waits for it
     * @return what came of it
     */
    T with(SequenceModel writer, Sitting sitting);
  }

  /**
   * Has a model write texts for texts, charged to who asks for it.
   *
   * @param model the model
   * @param version {@code v<N>}
   * @param work what is done with it
   * @param <T> what comes of it
   * @return what came of it
   */
  default <T> T write(ModelName model, String version, Writing<T> work) {
    throw new LatheException(
        ServerError.NOT_OFFERED, model + "@" + version + ": nothing here writes texts for texts");
  }

  /**
   * Asks a text model, charged to who asks for it.
   *
   * @param model the model
   * @param version {@code v<N>}
   * @param asked makes the question, once it is known how long it may be
   * @return the whole answer
   */
  default TextReply speak(
      ModelName model, String version, Function<PromptMeasure, TextQuestion> asked) {
    throw new LatheException(
        ServerError.NOT_OFFERED, model + "@" + version + ": nothing here runs text models");
  }
}
