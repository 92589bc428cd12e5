package dev.lathe.serve;

import dev.lathe.ir.ErrorCode;

/** Hears what happens to requests and models, for metrics. Methods return at once. */
public interface ServeObserver {
  /** Hears nothing. */
  ServeObserver NONE = new ServeObserver() {};

  /**
   * A request was answered; called on the thread that asked.
   *
   * @param model by which version
   * @param request what was asked
   * @param response the answer, and where the time went
   */
  default void answered(ModelVersion model, InferRequest request, InferResponse response) {}

  /**
   * A request to a loaded version failed; called on the thread that asked.
   *
   * @param model by which version
   * @param code why
   */
  default void failed(ModelVersion model, ErrorCode code) {}

  /**
   * A run ended, for one request or several.
   *
   * @param model which version ran
   * @param timing the run's time, requests and rows
   */
  default void ran(ModelVersion model, InferResponse.Timing timing) {}

  /**
   * A version was loaded.
   *
   * @param model the version
   */
  default void loaded(ModelVersion model) {}

  /**
   * A version was closed.
   *
   * @param model the version
   */
  default void unloaded(ModelVersion model) {}

  /**
   * A canary turned bad and was taken out of its environment.
   *
   * @param canary the version
   * @param environment the environment
   * @param reason what it did
   */
  default void rolledBack(ModelVersion canary, String environment, String reason) {}
}
