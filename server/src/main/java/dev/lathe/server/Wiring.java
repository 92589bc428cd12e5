package dev.lathe.server;

import dev.lathe.registry.Registry;
import dev.lathe.serve.BatchPolicy;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ServeOptions;
import dev.lathe.serve.TextSettings;
import dev.lathe.server.access.Access;
import dev.lathe.server.access.KeyStore;
import dev.lathe.server.api.ApiDoor;
import dev.lathe.server.batches.Batches;
import dev.lathe.server.console.ConsoleDoor;
import dev.lathe.server.console.SignInDoor;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.git.GitHttpDoor;
import dev.lathe.server.git.LfsHttpDoor;
import dev.lathe.server.grpc.GrpcDoor;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.infer.Repository;
import dev.lathe.server.modeldocs.ModelDocsDoor;
import dev.lathe.server.observe.Health;
import dev.lathe.server.observe.Observatory;
import dev.lathe.server.observe.ServingFigures;
import dev.lathe.server.observe.TrialFigures;
import dev.lathe.server.oip.ExtensionDoor;
import dev.lathe.server.oip.InferenceDoor;
import dev.lathe.server.oip.PredictDoor;
import dev.lathe.server.openai.BatchDoor;
import dev.lathe.server.openai.FileDoor;
import dev.lathe.server.openai.FineTuningDoor;
import dev.lathe.server.openai.GenerateHandler;
import dev.lathe.server.openai.KeptResponses;
import dev.lathe.server.openai.OpenAiDoor;
import dev.lathe.server.openai.Parts;
import dev.lathe.server.openai.ResponseDoor;
import dev.lathe.server.speak.Leases;
import dev.lathe.server.tasks.TextDoor;
import dev.lathe.server.tuning.Tunings;
import io.helidon.webserver.http.Filter;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Everything a server is made of, put together by hand; adding a door is one line here. */
final class Wiring implements AutoCloseable {
  private final List<Door> doors = new ArrayList<>();

  /** What is to be closed, the last one made first. */
  private final Deque<Runnable> closing = new ArrayDeque<>();

  /** What stops the jobs, with a checkpoint. */
  private Runnable jobs = () -> {};

  private final Arrivals arrivals;

  private final ClientWatch clients;

  private final BodyBudget bodies;

  private @Nullable Access access;

  private @Nullable Health health;

  private @Nullable Filter filter;

  private @Nullable GrpcDoor grpc;

  private Wiring(ServerConfig config) {
    this.arrivals =
        new Arrivals(
            config.patience(),
            new AddressCounts(config.limits().maxPerAddress(), config.limits().maxConnections()));
    this.bodies = BodyBudget.of(config.limits());
    this.clients = new ClientWatch(arrivals::readAhead);
  }

  static Wiring of(ServerConfig config) {
    Wiring wiring = new Wiring(config);
    boolean complete = false;
    try {
      wiring.open(config);
      complete = true;
      return wiring;
    } finally {
      if (!complete) {
        wiring.close();
      }
    }
  }

  private void open(ServerConfig config) {
    closing.push(clients::close);
    closing.push(arrivals::close);
    Metrics metrics = new Metrics();
    closing.push(metrics::close);
    Registry registry = Registry.open(config.data().resolve("registry"));
    closing.push(registry::close);
    KeyStore keys = new KeyStore(config.data(), Clock.systemUTC());
    Access decision = new Access(config.access(), keys, config.data(), Clock.systemUTC());
    closing.push(decision::close);
    access = decision;
    clientFigures(metrics, decision);
    Observatory observatory = new Observatory(metrics, registry, config);
    filter = observatory.filter();
    closing.push(observatory::close);
    Deployments deployments =
        new Deployments(registry, serving(config), new Charged(decision, observatory));
    closing.push(deployments::close);
    metrics.add(new ServingFigures(deployments)::scrape);
    metrics.add(new TrialFigures(deployments, observatory::rollbacks)::scrape);
    Health watch = new Health(deployments, config.operation().health());
    closing.push(watch::close);
    health = watch;
    metrics.gauge("lathe.models.loaded", "versions in memory", deployments, d -> d.loaded().size());
    metrics.gauge(
        "lathe.queue.depth", "requests that wait for a model", deployments, Wiring::depth);
    var host = new ServingPredictor.Host(config.environment(), clients, decision.quotas());
    ServingPredictor predictor = new ServingPredictor(new Leases(deployments, registry), host);
    LocalLathe lathe = new LocalLathe(config.data(), registry, predictor, keys);
    closing.push(lathe::close);
    jobs = lathe.work()::close;
    Inference inference = new Inference(deployments, registry, config.environment(), watch);
    Repository repository = new Repository(deployments, registry);
    Parts parts = new Parts(inference, clients, decision.quotas());
    InferenceDoor inferring =
        new InferenceDoor(inference, metrics, clients, config.listen().serverName());
    doors.add(inferring::infer);
    doors.add(new ExtensionDoor(inference, repository, observatory, new GenerateHandler(parts)));
    doors.add(inferring);
    doors.add(new PredictDoor(inferring, repository, watch));
    openAi(config, lathe, registry, parts);
    doors.add(new TextDoor(lathe.texts()));
    doors.add(new ModelDocsDoor(inference));
    GrpcDoor calls =
        new GrpcDoor(
            new GrpcDoor.Parts(
                inference, repository, metrics, observatory, config.listen().serverName()),
            new RpcGuard(HostCheck.of(config), decision),
            bodies);
    closing.push(calls::close);
    grpc = calls;
    doors.add(new ApiDoor(lathe));
    doors.add(new ConsoleDoor(lathe, registry));
    doors.add(new GitHttpDoor(registry));
    doors.add(new LfsHttpDoor(registry));
    doors.add(new MetricsDoor(metrics));
    doors.add(new SignInDoor(decision));
  }

  private void clientFigures(Metrics metrics, Access decision) {
    metrics.decisions(decision.decisions());
    metrics.counter(
        "lathe.audit.log.dropped",
        "Lines of the audit log that could not be written",
        decision,
        Access::dropped);
    metrics.endings(arrivals.endings());
    metrics.gauge("lathe.bodies.bytes", "bodies of requests in memory", bodies, BodyBudget::held);
    metrics.gauge("lathe.connections", "open connections", arrivals, Arrivals::count);
  }

  /** What OpenAI's clients ask, and what is kept for them. */
  private void openAi(ServerConfig config, LocalLathe lathe, Registry registry, Parts parts) {
    Clock clock = Clock.systemUTC();
    FileStore files = new FileStore(config.data().resolve("files"), config.openAi().files(), clock);
    KeptResponses kept =
        new KeptResponses(config.data().resolve("responses"), config.openAi().responses(), clock);
    closing.push(kept::close);
    OpenAiDoor asking = new OpenAiDoor(parts, kept, lathe.texts(), config.openAi().moderation());
    doors.add(new ResponseDoor(kept));
    Batches batches =
        new Batches(
            config.data().resolve("batches"),
            new Batches.Parts(
                files, asking.answers(), parts.quotas(), access()::now, config.openAi().batches()));
    closing.push(batches::close);
    doors.add(asking);
    doors.add(new FileDoor(files));
    doors.add(new BatchDoor(batches));
    Tunings tunings = new Tunings(registry, lathe.work(), files, config.environment());
    tunings.resumeInterrupted();
    doors.add(new FineTuningDoor(tunings));
  }

  private static int depth(Deployments deployments) {
    return deployments.loaded().stream().mapToInt(LoadedModel::waiting).sum();
  }

  private static ServeOptions serving(ServerConfig config) {
    ServeOptions usual = ServeOptions.defaults(config.environment());
    ServerConfig.Limits limits = config.limits();
    return usual
        .with(
            new BatchPolicy(
                limits.maxBatchRows(),
                limits.queueCapacity(),
                limits.maxDelay(),
                usual.batching().instances(),
                usual.batching().threads(),
                limits.timeout(),
                usual.batching().priorities()))
        .withVersionCache(limits.versionCache())
        .with(
            new TextSettings(
                limits.adapters(), config.text(), Optional.of(config.data().resolve("forms"))))
        .withMemory(limits.memoryBytes() == 0 ? usual.memory() : limits.memoryBytes());
  }

  /** The services of gRPC. */
  GrpcDoor grpc() {
    return Objects.requireNonNull(grpc);
  }

  /** Who takes too long. */
  Arrivals arrivals() {
    return arrivals;
  }

  /** What all bodies may take. */
  BodyBudget bodies() {
    return bodies;
  }

  /** Who is still there. */
  ClientWatch clients() {
    return clients;
  }

  /** Who may do what. */
  Access access() {
    return Objects.requireNonNull(access);
  }

  /** What looks at every HTTP request, before all else. */
  Filter filter() {
    return Objects.requireNonNull(filter);
  }

  /** Whether the server and its models answer. */
  Health health() {
    return Objects.requireNonNull(health);
  }

  List<Door> doors() {
    return List.copyOf(doors);
  }

  /** Lets running jobs write a checkpoint and takes no more. */
  void stopJobs() {
    jobs.run();
  }

  /** Closes all parts; a failure of one does not keep the others open. */
  @Override
  public void close() {
    Runnable next = closing.poll();
    if (next != null) {
      try {
        next.run();
      } finally {
        close();
      }
    }
  }
}
