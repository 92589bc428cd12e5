package dev.lathe.server;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.Sitting;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.ModelName;
import dev.lathe.serve.Choice;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.Lease;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.RequestOptions;
import dev.lathe.serve.Selector;
import dev.lathe.serve.TrialReport;
import dev.lathe.serve.Visit;
import dev.lathe.server.access.AskedTimeout;
import dev.lathe.server.access.Background;
import dev.lathe.server.access.Caller;
import dev.lathe.server.access.Quotas;
import dev.lathe.server.observe.Observed;
import dev.lathe.server.speak.Attendance;
import dev.lathe.server.speak.Leases;
import dev.lathe.server.speak.PromptMeasure;
import dev.lathe.server.speak.Speaker;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/** Runs versions as a server does: loaded once, shared by all doors, limited and batched. */
final class ServingPredictor implements Predictor {
  private final Leases leases;
  private final Optional<Host> host;

  /**
   * The server around.
   *
   * @param environment the one that answers where a request names none
   * @param clients notices who has gone
   * @param quotas is told what answers took
   */
  record Host(String environment, ClientWatch clients, Quotas quotas) {}

  /** Shares what a program has loaded, and does not close it. */
  ServingPredictor(Leases leases) {
    this.leases = leases;
    this.host = Optional.empty();
  }

  /** Shares what a server has loaded, and does not close it. */
  ServingPredictor(Leases leases, Host host) {
    this.leases = leases;
    this.host = Optional.of(host);
  }

  @Override
  public String environment() {
    return host.map(Host::environment).orElseGet(Predictor.super::environment);
  }

  @Override
  public Optional<Choice> choose(ModelName model) {
    String tenant = Caller.current().name();
    return leases.deployments().choose(model, environment(), Observed.current().visit(tenant));
  }

  @Override
  public void answering(ModelVersion version) {
    Observed.current().answering(version);
  }

  @Override
  public <T> T write(ModelName model, String version, Writing<T> work) {
    try (Lease lease = lease(model, version)) {
      SequenceModel writer = lease.model().writer();
      Sitting sitting =
          Background.current().map(ServingPredictor::unhurried).orElseGet(ServingPredictor::usual);
      if (host.isEmpty()) {
        return work.with(writer, sitting);
      }
      String name = Caller.current().name();
      try (ClientWatch.Watched client = host.get().clients().watch()) {
        Sitting watched =
            new Sitting(
                sitting.caller(),
                sitting.between(),
                nanos -> host.get().quotas().charge(name, nanos));
        return work.with(
            writer, watched.also(() -> requireWanted(client.cancellation().isCancelled())));
      }
    }
  }

  private static Sitting usual() {
    return new Sitting(
        dev.lathe.generate.Caller.of(Caller.current().name()).withTimeout(AskedTimeout.current()),
        () -> {},
        _ -> {});
  }

  private static Sitting unhurried(Background work) {
    return new Sitting(
        dev.lathe.generate.Caller.of(Caller.current().name())
            .withPriority(dev.lathe.generate.Caller.LOWEST),
        () -> requireWanted(work.ended().isCancelled()),
        _ -> {});
  }

  private static void requireWanted(boolean gone) {
    if (gone) {
      throw new LatheException(ServerError.GIVEN_UP, "the caller does not wait any more");
    }
  }

  @Override
  public Map<String, Tensor> run(ModelName model, String version, Map<String, Tensor> inputs) {
    RequestOptions usual =
        RequestOptions.usual()
            .withCaller(Caller.current().name())
            .withTimeout(AskedTimeout.current());
    Optional<Background> background = Background.current();
    if (background.isPresent() || host.isEmpty()) {
      RequestOptions options = background.map(work -> unhurried(usual, work)).orElse(usual);
      return run(model, version, new InferRequest(inputs, Set.of(), options));
    }
    try (ClientWatch.Watched client = host.get().clients().watch()) {
      RequestOptions options = usual.withCancellation(client.cancellation());
      return run(model, version, new InferRequest(inputs, Set.of(), options));
    }
  }

  private Map<String, Tensor> run(ModelName model, String version, InferRequest request) {
    try (Lease lease = lease(model, version)) {
      return lease.model().infer(request).outputs();
    }
  }

  private static RequestOptions unhurried(RequestOptions usual, Background work) {
    return usual
        .withPriority(dev.lathe.generate.Caller.LOWEST)
        .withTimeout(Background.PATIENCE)
        .withCancellation(work.ended());
  }

  @Override
  public TextReply speak(
      ModelName model, String version, TextQuestion question, Consumer<String> listener) {
    try (Lease lease = lease(model, version)) {
      return speaker(lease).answer(question, listener);
    }
  }

  @Override
  public TextReply speak(
      ModelName model, String version, Function<PromptMeasure, TextQuestion> asked) {
    try (Lease lease = lease(model, version)) {
      Speaker speaker = speaker(lease);
      return speaker.answer(asked.apply(speaker), _ -> {});
    }
  }

  private Lease lease(ModelName model, String version) {
    return leases.acquire(model, Selector.version(version), Visit.NONE);
  }

  private Speaker speaker(Lease lease) {
    return host.map(around -> new Attendance(around.clients(), around.quotas()))
        .map(attendance -> new Speaker(lease.model(), attendance))
        .orElseGet(() -> new Speaker(lease.model()));
  }

  @Override
  public void deployed(ModelName model, String environment) {
    leases.deployments().refresh(model, environment);
  }

  @Override
  public Optional<TrialReport> trial(ModelName model, String environment) {
    return leases.deployments().trial(model, environment);
  }

  @Override
  public void close() {}
}
