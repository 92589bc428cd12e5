package dev.lathe.serve;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.lang.System.Logger.Level;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * The versions in memory. Each is loaded once however many ask for it at the same time, shared, and
 * closed when its last user is gone. Loading and closing have a thread of their own each, so that
 * neither holds up requests.
 */
final class Versions implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Versions.class.getName());

  private static final int MOST_CLOSED = 200;
  private static final int MOST_SIGNATURES = 1000;

  private final Source source;
  private final Tallies tallies = new Tallies(MOST_CLOSED);
  private final ServeObserver observer;
  private final ComputePool background = new ComputePool(1);
  private final Map<Served.Threads, Assembly> assemblies;
  private final PipelineResponder.Models others;
  private final MemoryBudget memory;
  private final MemoryBudget.Evictor evictor;
  private final ResidentMemory resident = new ResidentMemory();
  private final Map<Served, CompletableFuture<LoadedModel>> loaded = new ConcurrentHashMap<>();

  /** Of the versions that were loaded last. */
  private final Map<ModelVersion, Glance.Signature> signatures =
      Collections.synchronizedMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<ModelVersion, Glance.Signature> eldest) {
              return size() > MOST_SIGNATURES;
            }
          });

  private final ExecutorService loaders =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("lathe-load-", 0).factory());

  /** What versions live from. */
  record Supplies(
      ServeOptions options,
      ComputePool pool,
      ServeObserver observer,
      PipelineResponder.Models models,
      MemoryBudget memory,
      MemoryBudget.Evictor evictor) {}

  Versions(Source source, Supplies supplies) {
    this.source = source;
    this.observer = supplies.observer();
    this.others = supplies.models();
    this.memory = supplies.memory();
    this.evictor = supplies.evictor();
    this.assemblies =
        Map.of(
            Served.Threads.FOREGROUND, assembly(supplies, supplies.pool()),
            Served.Threads.BACKGROUND, assembly(supplies, background));
  }

  private static Assembly assembly(Supplies supplies, ComputePool pool) {
    return new Assembly(
        new PipelineResponder.House(supplies.options().batching(), pool, supplies.models()),
        supplies.observer());
  }

  /**
   * A version in memory, loaded if need be; the caller is one of its users and must release it.
   *
   * @throws LatheException as the source says if there is no such version; LOAD_FAILED
   */
  LoadedModel acquire(Served wanted) {
    while (true) {
      CompletableFuture<LoadedModel> mine = new CompletableFuture<>();
      CompletableFuture<LoadedModel> before = loaded.putIfAbsent(wanted, mine);
      if (before == null) {
        loaders.execute(() -> load(wanted, mine));
        return join(mine);
      }
      LoadedModel model = join(before);
      if (model.tryRetain()) {
        memory.stays(wanted);
        return model;
      }
      model.awaitClosed();
      loaded.remove(wanted, before);
    }
  }

  /** Whether a version can be loaded without letting another go. */
  boolean fits(Served version) {
    return loaded.containsKey(version) || memory.fits(source.bytesAhead(version));
  }

  /** What a version takes and gives that was loaded before, and may be in memory or not. */
  Optional<Glance.Signature> signature(ModelVersion version) {
    return Optional.ofNullable(signatures.get(version));
  }

  /** The versions in memory now. */
  Collection<LoadedModel> all() {
    return loaded.values().stream()
        .filter(future -> future.isDone() && !future.isCompletedExceptionally())
        .map(CompletableFuture::join)
        .filter(model -> model.users() > 0)
        .toList();
  }

  /** What versions have done, those in memory and those closed last; by name and version. */
  List<ModelStatistics> statistics() {
    Map<ModelVersion, ModelStatistics> known = new HashMap<>();
    tallies.all().stream().map(Tally::snapshot).forEach(one -> known.put(one.model(), one));
    all().forEach(model -> known.put(model.id(), model.statistics()));
    return known.values().stream()
        .sorted(
            Comparator.comparing((ModelStatistics one) -> one.model().model())
                .thenComparing(one -> one.model().version().length())
                .thenComparing(one -> one.model().version()))
        .toList();
  }

  private void load(Served wanted, CompletableFuture<LoadedModel> mine) {
    ModelVersion version = wanted.version();
    try {
      long ahead = source.bytesAhead(wanted);
      memory.reserve(wanted, ahead, evictor);
      try {
        LoadedModel model = open(wanted, ahead, mine);
        Glance.of(model).signature().ifPresent(known -> signatures.put(version, known));
        observer.loaded(version);
        mine.complete(model);
      } catch (Error | RuntimeException e) {
        memory.release(wanted);
        throw e;
      }
    } catch (Error | RuntimeException e) {
      loaded.remove(wanted, mine);
      mine.completeExceptionally(reason(version, e));
    }
  }

  private LoadedModel open(Served wanted, long ahead, CompletableFuture<LoadedModel> mine) {
    ResidentMemory.Mark mark = resident.begin();
    long least = ahead;
    boolean beside = false;
    try {
      Source.Opened opened = source.open(wanted, others);
      try {
        least = opened.least(ahead);
        beside = opened.metadata().adapterOf().isPresent();
        return assemble(wanted, opened, mine);
      } catch (Error | RuntimeException e) {
        opened.close();
        throw e;
      }
    } finally {
      long taken = resident.end(mark, least);
      // What its base took meanwhile to make room for it is charged to that.
      memory.settle(wanted, beside ? least : taken);
    }
  }

  private LoadedModel assemble(
      Served wanted, Source.Opened opened, CompletableFuture<LoadedModel> mine) {
    Tally tally = tallies.open(wanted.version());
    return new LoadedModel(
        wanted,
        opened,
        Objects.requireNonNull(assemblies.get(wanted.threads())).build(wanted, opened, tally),
        new LoadedModel.Ending(
            observer, tally, bytes -> grow(wanted, bytes), () -> discard(wanted, mine)));
  }

  /** Whoever tells of it is not held up by what goes for it. */
  private void grow(Served wanted, long bytes) {
    memory.grow(wanted, bytes);
    if (bytes > 0) {
      try {
        loaders.execute(() -> memory.makeRoom(wanted, evictor));
      } catch (RejectedExecutionException e) {
        LOG.log(Level.DEBUG, wanted + ": grew while all was being closed", e);
      }
    }
  }

  private void discard(Served wanted, CompletableFuture<LoadedModel> entry) {
    tallies.close(wanted.version());
    memory.leaves(wanted);
    try {
      loaders.execute(() -> close(wanted, entry));
    } catch (RejectedExecutionException e) {
      close(wanted, entry);
    }
  }

  /** Whoever wants the version meanwhile waits, so that it is never in memory twice. */
  private void close(Served wanted, CompletableFuture<LoadedModel> entry) {
    try {
      entry.join().close();
    } catch (LatheException e) {
      LOG.log(Level.WARNING, wanted + ": could not be closed", e);
    } finally {
      memory.release(wanted);
      loaded.remove(wanted, entry);
    }
  }

  private static LoadedModel join(CompletableFuture<LoadedModel> future) {
    try {
      return future.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof LatheException known) {
        throw new LatheException(known.code(), known.getMessage(), known);
      }
      throw e;
    }
  }

  private static LatheException reason(ModelVersion version, Throwable failure) {
    if (failure instanceof LatheException known
        && (known.kind() == ErrorKind.NOT_FOUND || known.code() == ServeError.OUT_OF_MEMORY)) {
      return known;
    }
    String why = failure instanceof LatheException known ? known.getMessage() : "internal error";
    return new LatheException(
        ServeError.LOAD_FAILED, version + " cannot be loaded: " + why, failure);
  }

  /** Waits until all that was released is closed. */
  @Override
  public void close() {
    loaders.close();
    background.close();
  }
}
