package dev.lathe.server;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The verbs of Lathe, the same on this machine and over HTTP.
 *
 * <p>A model is named {@code namespace/name}, a version {@code v<N>}. Every method throws a {@link
 * LatheException} whose kind says what went wrong: NOT_FOUND for an unknown model, version or job,
 * INVALID for input that can never work, UNAVAILABLE when a server does not answer. All records
 * that come back have the same JSON form wherever they come from ({@link ApiJson}).
 *
 * <p>Instances are safe for many threads.
 */
public interface Lathe extends AutoCloseable {
  /**
   * Lathe in this process, over a directory where everything lives.
   *
   * @param dataDirectory the directory; created if absent
   * @return the verbs; the caller closes them
   */
  static LocalLathe open(Path dataDirectory) {
    return LocalLathe.open(dataDirectory);
  }

  /**
   * Lathe in another process, spoken to over HTTP.
   *
   * @param server the address of a running server, for example {@code http://127.0.0.1:8080}
   * @return the verbs; the caller closes them
   */
  static Lathe connect(URI server) {
    return connect(server, "");
  }

  /**
   * Lathe in another process that asks for a key.
   *
   * @param server the address of a running server
   * @param key what to say who we are by; empty for nothing
   * @return the verbs; the caller closes them
   */
  static Lathe connect(URI server, String key) {
    return new RemoteLathe(server, key);
  }

  /**
   * Trains what a recipe says, releases the result as a new version and, if the recipe says so,
   * deploys it. Returns when the job has ended, whichever way: look at {@link JobInfo#state}.
   *
   * @param recipe the recipe and the directory that its paths start from
   * @param listener hears of progress, on the caller's thread
   * @return the job as it ended
   */
  JobInfo train(RecipeSource recipe, JobListener listener);

  /**
   * Goes on with a job that was interrupted, cancelled or failed, from its last checkpoint. Returns
   * when the job has ended.
   *
   * @param jobId the job
   * @param listener hears of progress, on the caller's thread
   * @return the job as it ended
   */
  JobInfo resume(String jobId, JobListener listener);

  /**
   * Asks a job to stop. A running job writes a checkpoint first, so that it can be resumed.
   *
   * @param jobId the job
   * @return the job as it is now, perhaps still running
   */
  JobInfo cancel(String jobId);

  /**
   * All jobs.
   *
   * @return the newest first
   */
  List<JobInfo> jobs();

  /**
   * One job.
   *
   * @param jobId the job
   * @return the job as it is now
   */
  JobInfo job(String jobId);

  /**
   * All models.
   *
   * @return by name
   */
  List<ModelInfo> models();

  /**
   * The versions of a model.
   *
   * @param model its name
   * @return the newest first
   */
  List<VersionSummary> log(String model);

  /**
   * One version with its lineage, signature and files.
   *
   * @param model the model's name
   * @param version {@code v<N>}, {@code latest}, or an environment's name for what is live there
   * @return the version
   */
  VersionDetails show(String model, String version);

  /**
   * Makes files from elsewhere the next version of a model.
   *
   * @param model its name; the model is created if it is new
   * @param source an ONNX file, or a folder with {@code model.onnx}, a {@code lathe.yaml} with
   *     task, labels and pipeline, and files beside them
   * @param message why the version exists; may be empty
   * @return the version
   */
  VersionDetails release(String model, Path source, String message);

  /**
   * Makes a model of others the next version of a model: a folder as Hugging Face's libraries save
   * it becomes a graph with its weights; tokenizer, templates and settings lie beside it.
   *
   * @param model its name; the model is created if it is new
   * @param source a folder, a GGUF file, or {@code hf://namespace/name} with {@code @revision} or
   *     without
   * @param message why the version exists; may be empty
   * @return the version
   */
  VersionDetails importModel(String model, String source, String message);

  /**
   * Makes a low-rank adapter the next version of a model of its own, which answers with the version
   * that it was made for.
   *
   * @param model its name; the model is created if it is new
   * @param base the model that the adapter was made for: {@code namespace/name} for its newest
   *     version, or {@code namespace/name@v<N>}; empty for the one that the adapter names
   * @param source a folder as PEFT saves it, or with a training run's {@code adapters.safetensors};
   *     or {@code hf://namespace/name}
   * @param message why the version exists; may be empty
   * @return the version
   */
  VersionDetails importAdapter(String model, String base, String source, String message);

  /**
   * Makes a version live in an environment; the environment is created if it is new.
   *
   * @param model the model's name
   * @param version {@code v<N>} or {@code latest}
   * @param environment the environment, for example {@code prod}
   * @return what is live there now
   */
  DeploymentInfo deploy(String model, String version, String environment);

  /**
   * What is live where.
   *
   * @param model the model's name
   * @return one entry for each environment, by name
   */
  List<DeploymentInfo> deployments(String model);

  /**
   * Lets a text model answer a conversation, or go on with a text.
   *
   * @param model the model
   * @param version as for {@link #show}; empty for what is live in {@code prod}, else the newest
   * @param question what is asked
   * @param listener hears the text while it is made, on the caller's thread
   * @return the whole answer
   */
  TextReply speak(String model, String version, TextQuestion question, Consumer<String> listener);

  /**
   * Versions on trial, and what became of them.
   *
   * @return the rollouts
   */
  Rollouts rollouts();

  /**
   * Runs a model.
   *
   * @param model its name
   * @param version {@code v<N>}, {@code latest}, an environment's name, or empty for what is live
   *     in {@code prod} and else the newest version
   * @param inputs by the names of the model's signature
   * @return the outputs and the version that made them
   */
  Prediction predict(String model, String version, Map<String, Tensor> inputs);

  /**
   * Says why a model of tables or images answers so: what each number of an example added.
   *
   * @param model its name
   * @param request the examples and how
   * @return one explanation for each row
   */
  Explained explain(String model, ExplainRequest request);

  /**
   * Writes a version's files, all of them real, into a directory.
   *
   * @param model the model's name
   * @param version {@code v<N>}, {@code latest}, or an environment's name
   * @param directory where to; created if absent, must be empty
   */
  void checkout(String model, String version, Path directory);

  /**
   * What models of texts are asked in plain words.
   *
   * @return the verbs about texts
   */
  Texts texts();

  /**
   * The keys that callers of a server over this data have.
   *
   * @return the keys
   */
  Keys keys();

  @Override
  void close();
}
