package dev.lathe.train;

/** Hears how a run goes, on the thread that runs it. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener SILENT = progress -> {};

  /**
   * The run has moved on. Called at most about ten times a second, and at the end of every epoch.
   *
   * @param progress where it stands
   */
  void progress(TrainingProgress progress);

  /**
   * Something went wrong that the run survives, such as a checkpoint that found no room on disk.
   *
   * @param message what happened
   */
  default void warning(String message) {}
}
