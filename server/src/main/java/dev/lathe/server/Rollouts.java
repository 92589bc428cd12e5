package dev.lathe.server;

import dev.lathe.registry.Promotion;
import dev.lathe.serve.TrialReport;
import java.util.List;

/** What is live in a model's environments, what is on trial there, and what became of it. */
public interface Rollouts {
  /**
   * Makes a version live in an environment, or puts it on trial beside what is live; the
   * environment is created if it is new.
   *
   * @param model the model's name
   * @param wish which version, where and how
   * @return what the environment says now
   * @throws dev.lathe.ir.LatheException BAD_DEPLOYMENT for a setting that cannot be;
   *     UNKNOWN_ENVIRONMENT for a trial where nothing is live
   */
  DeploymentInfo change(String model, DeploymentWish wish);

  /**
   * Makes live what is on trial.
   *
   * @param model the model's name
   * @param environment the environment
   * @param which what is meant
   * @return what the environment says now
   * @throws dev.lathe.ir.LatheException NO_TRIAL if what is meant is not on trial, or was found bad
   *     and is being taken out; nothing is changed then
   */
  DeploymentInfo promote(String model, String environment, Promotion which);

  /**
   * Ends what is on trial; where nothing is, makes live again what was live before.
   *
   * @param model the model's name
   * @param environment the environment
   * @return what the environment says now
   */
  DeploymentInfo rollback(String model, String environment);

  /**
   * What an environment said when, and why.
   *
   * @param model the model's name
   * @param environment the environment
   * @return its changes, the newest first
   */
  List<DeploymentEvent> history(String model, String environment);

  /**
   * What a running server has seen of the versions on trial in an environment.
   *
   * @param model the model's name
   * @param environment the environment
   * @return the report
   * @throws dev.lathe.ir.LatheException NOT_FOUND if nothing is on trial there; NOT_OFFERED without
   *     a server
   */
  TrialReport trial(String model, String environment);
}
