package dev.lathe.server.infer;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.VersionInfo;
import dev.lathe.serve.Deployments;
import dev.lathe.serve.Glance;
import dev.lathe.serve.InferRequest;
import dev.lathe.serve.InferResponse;
import dev.lathe.serve.Lease;
import dev.lathe.serve.LoadedModel;
import dev.lathe.serve.ModelStatistics;
import dev.lathe.serve.ModelVersion;
import dev.lathe.serve.Selector;
import dev.lathe.serve.Visit;
import dev.lathe.server.ServerError;
import dev.lathe.server.observe.Health;
import dev.lathe.server.speak.Leases;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The verb behind every inference protocol: from a name and tensors to an answer. */
public final class Inference {
  /** The namespace of models that are named without one. */
  private static final String NO_NAMESPACE = "default";

  private final Deployments deployments;
  private final Registry registry;
  private final String environment;
  private final Health health;
  private final Leases leases;

  /**
   * Answers with what is deployed.
   *
   * @param deployments what answers
   * @param registry what versions there are
   * @param environment answers where a request names neither a version nor an environment
   * @param health says whether models answer
   */
  public Inference(Deployments deployments, Registry registry, String environment, Health health) {
    this.health = health;
    this.deployments = deployments;
    this.registry = registry;
    this.environment = environment;
    this.leases = new Leases(deployments, registry);
  }

  /**
   * The name of a model as clients write it.
   *
   * @param text {@code namespace/name}, its slash perhaps still escaped as {@code %2F}, or {@code
   *     name} for one in the namespace {@code default}
   * @return the name
   * @throws LatheException the registry's BAD_NAME
   */
  public static ModelName name(String text) {
    String plain = text.replace("%2F", "/").replace("%2f", "/");
    return plain.indexOf('/') < 0 ? new ModelName(NO_NAMESPACE, plain) : ModelName.parse(plain);
  }

  /**
   * The name of a model as clients read it; the opposite of {@link #name}.
   *
   * @param name the name
   * @return {@code namespace/name}, or {@code name} alone in the namespace {@code default}
   */
  public static String shown(ModelName name) {
    return name.namespace().equals(NO_NAMESPACE) ? name.name() : name.toString();
  }

  /**
   * A name that a version tells, as clients read it.
   *
   * @param name {@code namespace/name}; whoever wrote the version may have written anything else
   * @return {@code name} alone in the namespace {@code default}, or what is given
   */
  static String shown(String name) {
    String without = NO_NAMESPACE + "/";
    return name.startsWith(without) ? name.substring(without.length()) : name;
  }

  /**
   * The model that a request means.
   *
   * @param model its name
   * @param version {@code v3} or {@code 3}; empty means what is live
   * @param asked the environment in which it is live; empty means the server's own
   * @return a lease; the caller closes it
   * @throws LatheException NOT_FOUND if there is no such model, BAD_INPUT if the version is no
   *     number, BAD_REQUEST if both a version and an environment are named; or what {@link
   *     Deployments#acquire} throws
   */
  public Lease acquire(ModelName model, String version, String asked) {
    return acquire(model, version, asked, Visit.NONE);
  }

  /**
   * The model that answers a request: as {@link #acquire(ModelName, String, String)}, or a version
   * on trial beside what is live.
   *
   * @param model its name
   * @param version {@code v3} or {@code 3}; empty means what is live
   * @param asked the environment in which it is live; empty means the server's own
   * @param visit the request
   * @return a lease; the caller closes it
   * @throws LatheException as {@link #acquire(ModelName, String, String)}, and INVALID for an
   *     unknown variant
   */
  public Lease acquire(ModelName model, String version, String asked, Visit visit) {
    Selector selector = selector(version, asked);
    try {
      return leases.acquire(model, selector, visit);
    } catch (LatheException e) {
      throw known(model, e);
    }
  }

  /**
   * A model for somebody who only looks at it: what is in memory is not used by it, and what was
   * let go stays so.
   *
   * @param model its name
   * @param version {@code v3} or {@code 3}; empty means what is live
   * @param asked the environment in which it is live; empty means the server's own
   * @return the version that a request would be answered by
   * @throws LatheException as {@link #acquire(ModelName, String, String)}
   */
  public ModelVersion look(ModelName model, String version, String asked) {
    return glance(model, version, asked)
        .map(Glance::id)
        .orElseGet(() -> acquired(model, version, asked).id());
  }

  /**
   * The same, and what the version takes and gives; it is loaded if it never was.
   *
   * @param model its name
   * @param version {@code v3} or {@code 3}; empty means what is live
   * @param asked the environment in which it is live; empty means the server's own
   * @return a glance with a signature
   * @throws LatheException as {@link #acquire(ModelName, String, String)}
   */
  public Glance describe(ModelName model, String version, String asked) {
    return glance(model, version, asked)
        .filter(known -> known.signature().isPresent())
        .orElseGet(() -> acquired(model, version, asked));
  }

  private Glance acquired(ModelName model, String version, String asked) {
    try (Lease lease = acquire(model, version, asked)) {
      return Glance.of(lease.model());
    }
  }

  private Optional<Glance> glance(ModelName model, String version, String asked) {
    Selector selector = selector(version, asked);
    try {
      return leases.glance(model, selector);
    } catch (LatheException e) {
      throw known(model, e);
    }
  }

  private Selector selector(String version, String asked) {
    if (!version.isEmpty() && !asked.isEmpty()) {
      throw bad(
          "version \"" + version + "\" and environment \"" + asked + "\" (expected: one of them)");
    }
    return version.isEmpty()
        ? Selector.live(asked.isEmpty() ? environment : asked)
        : version(version);
  }

  private LatheException known(ModelName model, LatheException e) {
    return e.kind() == ErrorKind.NOT_FOUND && !registry.exists(model) ? unknown(model) : e;
  }

  /** What is no version is refused in the words that Triton's clients look for. */
  private static Selector version(String text) {
    try {
      return Selector.version(text);
    } catch (LatheException e) {
      throw new LatheException(
          e.code(),
          "failed to get model version from specified version string '"
              + text
              + "': "
              + e.getMessage(),
          e);
    }
  }

  /** In the words that Triton's clients look for. */
  private static LatheException unknown(ModelName model) {
    return new LatheException(
        ServerError.NOT_FOUND,
        "Request for unknown model: '" + shown(model) + "' is not found: no such model");
  }

  /**
   * Whether requests should come here.
   *
   * @return true if the server is not about to stop and its models answer
   */
  public boolean ready() {
    return health.problem().isEmpty();
  }

  /**
   * Whether the server and its models answer, and why not.
   *
   * @return what watches them
   */
  public Health health() {
    return health;
  }

  /**
   * What versions have done since they were first loaded.
   *
   * @return statistics of all models, in the order of names and versions
   */
  public List<ModelStatistics> statistics() {
    return deployments.statistics();
  }

  /**
   * What a model's versions have done since they were first loaded.
   *
   * @param model its name
   * @param version {@code v3} or {@code 3}; empty for all of them
   * @return statistics in the order of versions
   * @throws LatheException NOT_FOUND if there is no such model, BAD_INPUT if the version is no
   *     number
   */
  public List<ModelStatistics> statistics(ModelName model, String version) {
    if (!registry.exists(model)) {
      throw unknown(model);
    }
    Selector asked = version.isEmpty() ? Selector.live("") : version(version);
    return deployments.statistics().stream()
        .filter(one -> model.equals(one.model().model()))
        .filter(one -> version.isEmpty() || asked.equals(new Selector.Exact(one.model().version())))
        .toList();
  }

  /**
   * The versions of a model, loaded or not.
   *
   * @param model its name
   * @return {@code v<N>}, the newest first
   * @throws LatheException the registry's NOT_FOUND if there is no such model
   */
  public List<String> versions(ModelName model) {
    return registry.log(model).stream().map(VersionInfo::version).toList();
  }

  /**
   * Runs a model.
   *
   * @param lease the model, under a lease of the caller's
   * @param question tensors, outputs wanted, options
   * @return the outputs wanted
   * @throws LatheException INVALID for what does not fit the model, in the protocol's words;
   *     otherwise what {@link Lease#infer} throws. After DEADLINE_PASSED or ABANDONED the inputs
   *     may still be read for a while
   */
  public Answer infer(Lease lease, Question question) {
    LoadedModel model = lease.model();
    requireDatatypes(model, question.inputs());
    InferResponse response =
        lease.infer(new InferRequest(question.inputs(), names(question), question.options()));
    return new Answer(model.id(), outputs(model, question, response), response.timing());
  }

  private static Set<String> names(Question question) {
    if (question.wanted().isEmpty()) {
      return Set.of();
    }
    Set<String> names = new HashSet<>();
    for (Question.Wanted wanted : question.wanted()) {
      if (!names.add(wanted.name())) {
        throw bad("output \"" + wanted.name() + "\": asked for twice");
      }
      if (wanted.classes() < 0) {
        throw bad(
            "output \""
                + wanted.name()
                + "\": "
                + wanted.classes()
                + " classes (expected: from 1)");
      }
    }
    return names;
  }

  private static Map<String, Tensor> outputs(
      LoadedModel model, Question question, InferResponse response) {
    if (question.wanted().stream().noneMatch(wanted -> wanted.classes() > 0)) {
      return response.outputs();
    }
    Map<String, Tensor> outputs = new LinkedHashMap<>(response.outputs());
    for (Question.Wanted wanted : question.wanted()) {
      if (wanted.classes() > 0) {
        Classes classes = new Classes(wanted.name(), model.metadata().labels());
        outputs.computeIfPresent(
            wanted.name(), (name, scores) -> classes.best(scores, wanted.classes()));
      }
    }
    return outputs;
  }

  /** Types are compared here and not below, so that the message has the protocol's names. */
  private static void requireDatatypes(LoadedModel model, Map<String, Tensor> inputs) {
    for (ValueInfo input : model.inputs()) {
      ElementType expected = input.tensorType().element();
      Tensor given = inputs.get(input.name());
      if (given != null && given.type() != expected) {
        throw bad(
            "input \""
                + input.name()
                + "\": datatype "
                + Datatype.nameOf(given.type())
                + " (expected: "
                + Datatype.nameOf(expected)
                + ")");
      }
    }
  }

  private static LatheException bad(String message) {
    return new LatheException(ServerError.BAD_REQUEST, message);
  }
}
