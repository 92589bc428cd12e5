package dev.lathe.cli.load;

import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.Lease;
import dev.lathe.serve.Selector;
import dev.lathe.serve.ServeObserver;
import dev.lathe.serve.ServeOptions;
import java.util.Map;

/** A version served in this process, as the server does it but without a protocol. */
public final class InProcess implements Target {
  /** An environment that no model has, so that nothing else is loaded. */
  private static final String NOWHERE = "bench";

  private final Deployments deployments;
  private final Lease lease;
  private final Map<String, Tensor> inputs;

  private InProcess(Deployments deployments, Lease lease, Map<String, Tensor> inputs) {
    this.deployments = deployments;
    this.lease = lease;
    this.inputs = inputs;
  }

  /**
   * Loads a version.
   *
   * @param registry where it is
   * @param subject which, and what it is asked
   * @param options how it is served
   * @return the target; the caller closes it
   */
  public static InProcess open(Registry registry, Subject subject, ServeOptions options) {
    Deployments deployments = new Deployments(registry, options, ServeObserver.NONE);
    boolean complete = false;
    try {
      Lease lease =
          deployments.acquire(
              ModelName.parse(subject.model()), Selector.version(subject.version()));
      complete = true;
      return new InProcess(deployments, lease, subject.inputs());
    } finally {
      if (!complete) {
        deployments.close();
      }
    }
  }

  /**
   * The usual options of a server whose environment has no models.
   *
   * @return the options
   */
  public static ServeOptions options() {
    return ServeOptions.defaults(NOWHERE);
  }

  @Override
  public void ask() {
    lease.model().infer(InferRequest.of(inputs));
  }

  @Override
  public int rows() {
    return Subject.rows(inputs);
  }

  @Override
  public void close() {
    lease.close();
    deployments.close();
  }
}
