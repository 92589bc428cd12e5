package dev.lathe.server.tasks;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.server.ServerError;
import dev.lathe.server.TextQuestion;
import dev.lathe.server.TextReply;
import dev.lathe.server.speak.PromptMeasure;
import java.util.Map;
import java.util.function.BooleanSupplier;
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
   * Does what a model does on this thread, without {@link #run}: charged to who asks for it.
   *
   * @param work the work; it is told how to learn that nobody waits for it any more
   * @param <T> what comes of it
   * @return what came of it
   */
  default <T> T alone(Function<BooleanSupplier, T> work) {
    return work.apply(() -> false);
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
