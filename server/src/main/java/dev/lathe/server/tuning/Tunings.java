package dev.lathe.server.tuning;

import dev.lathe.ir.ErrorCode;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.registry.Deployment;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.VersionInfo;
import dev.lathe.server.ApiJson;
import dev.lathe.server.JobInfo;
import dev.lathe.server.JobState;
import dev.lathe.server.RecipeSource;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.access.Caller;
import dev.lathe.server.files.FileStore;
import dev.lathe.server.files.StoredFile;
import dev.lathe.server.jobs.JobEvent;
import dev.lathe.server.jobs.JobEvents;
import dev.lathe.server.jobs.JobLog;
import dev.lathe.server.jobs.Jobs;
import dev.lathe.server.jobs.Luggage;
import dev.lathe.server.jobs.TrainingBase;
import dev.lathe.train.Recipe;
import dev.lathe.train.TunableModel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * The jobs that train a language model further on a caller's file. Each is a job as any other; what
 * the caller asked for lies beside it. A caller sees the jobs over models that it may train.
 */
public final class Tunings {
  private static final System.Logger LOG = System.getLogger(Tunings.class.getName());
  private static final String PURPOSE = "fine-tune";
  private static final Set<String> TASKS = Set.of("text-generation", "language_model");

  /** What lies in what the caller named. */
  private static final Set<ErrorKind> CALLERS =
      EnumSet.of(
          ErrorKind.INVALID, ErrorKind.NOT_FOUND, ErrorKind.EXHAUSTED, ErrorKind.UNSUPPORTED);

  private static final int MOST_ATTEMPTS = 5;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Registry registry;
  private final Jobs jobs;
  private final FileStore files;
  private final String environment;
  private final Object copying = new Object();
  private final RandomGenerator random = new SecureRandom();

  /**
   * Jobs over a registry.
   *
   * @param registry where bases are, and results go
   * @param jobs the queue
   * @param files callers' files
   * @param environment whose live version a model's name means
   */
  public Tunings(Registry registry, Jobs jobs, FileStore files, String environment) {
    this.registry = registry;
    this.jobs = jobs;
    this.files = files;
    this.environment = environment;
  }

  /**
   * A job with what was asked for.
   *
   * @param tuning what was decided
   * @param job how far it is
   */
  public record Entry(Tuning tuning, JobInfo job) {}

  /**
   * Accepts a job: files are looked through now, and kept with the job from now on.
   *
   * @param wish what is asked for
   * @return the job, queued
   * @throws LatheException NOT_ALLOWED, BAD_REQUEST naming the field and, for a file, the line;
   *     NOT_FOUND for the model; QUEUE_FULL
   */
  public Entry create(TuningWish wish) {
    VersionInfo base = base(wish.model());
    ModelName result = result(base.model(), wish.suffix());
    requireTrain(base.model());
    requireTrain(result);
    StoredFile training = file("training_file", wish.trainingFile());
    Optional<StoredFile> validation = wish.validationFile().map(id -> file("validation_file", id));
    int examples = examples("training_file", training);
    validation.ifPresent(file -> examples("validation_file", file));
    Path folder = registry.materialize(base.model(), base.version());
    TunableModel model = named("model", () -> TunableModel.of(folder.resolve(Release.MODEL)));
    Tuning tuning =
        new Tuning(
            wish.model(),
            base.model() + "@" + base.version(),
            wish.trainingFile(),
            wish.validationFile(),
            wish.suffix(),
            wish.seed().orElseGet(() -> (long) random.nextInt(Integer.MAX_VALUE)),
            TuningRecipe.settings(wish, examples),
            wish.metadata(),
            Optional.of(training.owner()));
    String yaml = TuningRecipe.yaml(tuning, result.toString(), model);
    requireRecipe(yaml);
    RecipeSource recipe = new RecipeSource(yaml, Path.of(Luggage.DATA));
    long more = training.bytes() + validation.map(StoredFile::bytes).orElse(0L);
    // One at a time, so that two do not both take the last room.
    synchronized (copying) {
      requireRoom(training.owner(), more);
      JobInfo job =
          jobs.submit(recipe, result.toString(), into -> pack(into, tuning, training, validation));
      return new Entry(tuning, job);
    }
  }

  private void pack(Path into, Tuning tuning, StoredFile training, Optional<StoredFile> validation)
      throws IOException {
    Path data = Files.createDirectory(into.resolve(Luggage.DATA));
    keep(training, data.resolve(TuningRecipe.TRAINING));
    if (validation.isPresent()) {
      keep(validation.get(), data.resolve(TuningRecipe.VALIDATION));
    }
    Files.write(into.resolve(Tuning.FILE), ApiJson.bytes(tuning));
  }

  /** What is bounded field by field may still come to a recipe that cannot be. */
  private static void requireRecipe(String yaml) {
    try {
      Recipe.parse(yaml, "fine-tuning");
    } catch (LatheException e) {
      boolean rate = String.valueOf(e.getMessage()).contains("learning_rate");
      String param = rate ? "hyperparameters.learning_rate_multiplier" : "model";
      throw new LatheException(ServerError.BAD_REQUEST, "\"" + param + "\": " + e.getMessage(), e);
    }
  }

  /** Copies that jobs keep are files of their owner, too. */
  private void requireRoom(String owner, long more) {
    Optional<String> wanted = Optional.of(owner);
    long kept =
        all()
            .filter(entry -> entry.tuning().owner().equals(wanted))
            .mapToLong(entry -> kept(jobs.folder(entry.job().id()).resolve(Luggage.DATA)))
            .sum();
    long room = files.left(owner);
    if (kept + more > room) {
      throw bad(
          "training_file",
          more
              + " bytes to be kept with the job, "
              + kept
              + " with others (expected: at most "
              + room
              + " together, which your files leave; delete some first)");
    }
  }

  /** The bytes of a folder's files; 0 if a job has ended meanwhile. */
  private static long kept(Path data) {
    return Stream.of(TuningRecipe.TRAINING, TuningRecipe.VALIDATION)
        .mapToLong(name -> data.resolve(name).toFile().length())
        .sum();
  }

  private VersionInfo base(String name) {
    int at = name.lastIndexOf('@');
    ModelName model = named("model", () -> ModelName.parse(at < 0 ? name : name.substring(0, at)));
    requireTrain(model);
    TrainingBase.requireRead(model);
    String live = registry.deployment(model, environment).map(Deployment::live).orElse("latest");
    VersionInfo version = registry.show(model, at < 0 ? live : name.substring(at + 1));
    boolean speaks =
        TASKS.contains(version.metadata().task())
            && version.files().stream().anyMatch(file -> file.path().equals("tokenizer.json"));
    if (!speaks) {
      throw bad(
          "model",
          version.model()
              + "@"
              + version.version()
              + ", task \""
              + version.metadata().task()
              + "\" (expected: a language model with its tokenizer)");
    }
    return version;
  }

  /** Tuned once more, a model stays what it is called. */
  private static ModelName result(ModelName base, Optional<String> suffix) {
    String end = "-" + suffix.orElse("tuned");
    String name = base.name().endsWith(end) ? base.name() : base.name() + end;
    return named("suffix", () -> new ModelName(base.namespace(), name));
  }

  private static void requireTrain(ModelName model) {
    if (!may(model.toString())) {
      throw new LatheException(
          ServerError.NOT_ALLOWED,
          Caller.current().name()
              + " may not train "
              + model
              + " (expected: a scope such as train:"
              + model
              + "*)");
    }
  }

  private static boolean may(String model) {
    return Caller.current().may(Right.TRAIN, model);
  }

  private StoredFile file(String param, String id) {
    StoredFile file;
    try {
      file = files.find(Caller.current(), id);
    } catch (LatheException e) {
      throw e.code() == ServerError.UNKNOWN_FILE ? missing(param, id) : e;
    }
    if (!file.purpose().equals(PURPOSE)) {
      throw bad(param, "a file for \"" + file.purpose() + "\" (expected: for \"fine-tune\")");
    }
    return file;
  }

  private static LatheException missing(String param, String id) {
    String shown = id.length() > 60 ? id.substring(0, 60) + "…" : id;
    return bad(param, "no such file: " + shown + " (expected: the id of an uploaded file)");
  }

  private int examples(String param, StoredFile file) {
    return named(param, () -> TunableModel.examples(files.content(file), file.filename()));
  }

  /** What is wrong with something that a field names is wrong with the field. */
  private static <T> T named(String param, Supplier<T> work) {
    try {
      return work.get();
    } catch (LatheException e) {
      ErrorCode code = CALLERS.contains(e.kind()) ? ServerError.BAD_REQUEST : e.code();
      throw new LatheException(code, "\"" + param + "\": " + e.getMessage(), e);
    }
  }

  private static LatheException bad(String param, String what) {
    return new LatheException(ServerError.BAD_REQUEST, "\"" + param + "\": " + what);
  }

  /** A copy, so that a job outlives the caller's file. */
  private void keep(StoredFile file, Path place) throws IOException {
    try (InputStream in = files.open(file)) {
      Files.copy(in, place);
    }
  }

  /**
   * A job.
   *
   * @param id its name
   * @return the job as it is now
   * @throws LatheException UNKNOWN_JOB if there is none that the caller may see
   */
  public Entry get(String id) {
    return entry(jobs.get(id))
        .filter(entry -> may(entry.tuning().baseModel()))
        .orElseThrow(() -> unknown(id));
  }

  private static LatheException unknown(String id) {
    return new LatheException(ServerError.UNKNOWN_JOB, "job \"" + id + "\": there is none");
  }

  /**
   * The jobs that the caller may see.
   *
   * @return the oldest first
   */
  public List<Entry> list() {
    return all().filter(entry -> may(entry.tuning().baseModel())).toList().reversed();
  }

  private Stream<Entry> all() {
    return jobs.list().stream().flatMap(job -> entry(job).stream());
  }

  private Optional<Entry> entry(JobInfo job) {
    Path file = jobs.folder(job.id()).resolve(Tuning.FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Entry(ApiJson.read(Files.readAllBytes(file), Tuning.class), job));
    } catch (IOException | LatheException e) {
      LOG.log(Level.WARNING, "job " + job.id() + ": " + Tuning.FILE + " cannot be read", e);
      return Optional.empty();
    }
  }

  /**
   * What happened to a job.
   *
   * @param id its name
   * @return the oldest first
   * @throws LatheException UNKNOWN_JOB if there is none that the caller may see
   */
  public List<JobLog.Line> log(String id) {
    return JobLog.read(jobs.folder(get(id).job().id()));
  }

  /**
   * Ends a job, and waits a moment for its end.
   *
   * @param id its name
   * @return the job as it is then
   * @throws LatheException UNKNOWN_JOB; BAD_REQUEST if it has ended
   */
  public Entry cancel(String id) {
    Entry entry = get(id);
    if (entry.job().state().ended()) {
      throw bad(
          "id",
          "the job has ended already: "
              + entry.job().state().name().toLowerCase(Locale.ROOT)
              + " (expected: one that is queued or running)");
    }
    Optional<JobEvents> events = jobs.events(id);
    jobs.cancel(id);
    events.ifPresent(Tunings::awaitEnd);
    return get(id);
  }

  private static void awaitEnd(JobEvents events) {
    long seen = 0;
    long until = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!events.ended() && System.nanoTime() < until) {
        for (JobEvent.Numbered event : events.after(seen, Duration.ofSeconds(1))) {
          seen = event.number();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Goes on with a job whose process went away, or that was stopped.
   *
   * @param id its name
   * @return the job, queued
   * @throws LatheException UNKNOWN_JOB, NOT_ALLOWED, JOB_BUSY, JOB_DONE, QUEUE_FULL
   */
  public Entry resume(String id) {
    Entry entry = get(id);
    TrainingBase.requireRead(jobs.folder(id));
    return new Entry(entry.tuning(), jobs.resume(id));
  }

  /** Goes on with all that a process left behind, but for what may have ended several. */
  public void resumeInterrupted() {
    all()
        .map(Entry::job)
        .filter(job -> job.state() == JobState.INTERRUPTED)
        .toList()
        .reversed()
        .forEach(this::resumeInterrupted);
  }

  private void resumeInterrupted(JobInfo job) {
    long attempts =
        JobLog.read(jobs.folder(job.id())).stream()
            .filter(line -> line.state().equals(Optional.of(JobState.QUEUED.name())))
            .count();
    try {
      if (attempts < MOST_ATTEMPTS) {
        jobs.resume(job.id());
      }
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "job " + job.id() + " is not resumed: " + e.getMessage());
    }
  }
}
