package dev.lathe.server;

import dev.lathe.registry.ModelName;
import dev.lathe.serve.TrialReport;
import dev.lathe.server.speak.PromptMeasure;
import dev.lathe.server.tasks.Runs;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs released versions for the verb {@link Lathe#predict}. */
interface Predictor extends Runs, AutoCloseable {
  /**
   * Asks a text model.
   *
   * @param model the model
   * @param version {@code v<N>}
   * @param question what is asked
   * @param listener hears the text while it is made
   * @return the whole answer
   */
  TextReply speak(
      ModelName model, String version, TextQuestion question, Consumer<String> listener);

  @Override
  TextReply speak(ModelName model, String version, Function<PromptMeasure, TextQuestion> asked);

  /**
   * What an environment says has changed.
   *
   * @param model the model
   * @param environment the environment
   */
  void deployed(ModelName model, String environment);

  /**
   * What was seen of the versions on trial in an environment.
   *
   * @param model the model
   * @param environment the environment
   * @return the report; empty if nothing is on trial there
   */
  Optional<TrialReport> trial(ModelName model, String environment);

  @Override
  void close();
}
