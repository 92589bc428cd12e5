package dev.lathe.registry;

import java.util.List;
import java.util.Optional;

/**
 * How a model is served: the section {@code serving} of {@code deployment.yaml}. What is absent is
 * as the server is set up. {@code auto} for the delay or the instances is the same as absent.
 *
 * @param maxBatchRows rows joined into one run, 1 to 1048576; 1 joins nothing
 * @param maxDelayMicros how long a run may be held back for more rows, 0 to 1000000 µs; absent: as
 *     the load asks for
 * @param instances runs of the model that may overlap, 1 to 1024; absent: as measured
 * @param threads threads that share the work inside one run, 1 to 256; absent: 1
 * @param queueCapacity requests that may wait, 1 to 1048576
 * @param timeoutMillis how long a request may take, 1 to 3600000 ms
 * @param priorityLevels how many levels of priority there are, 1 to 64; the first goes first
 * @param defaultPriority the level of a request that names none, 1 to the number of levels
 * @param responseCache whether equal requests get the answer of the first
 * @param sequence that requests of one sequence run in order and keep state; absent: they do not
 * @param pinned whether the model stays loaded, whatever else wants its memory
 * @param idleUnloadSeconds after how long without a request the model is unloaded, 1 to 31536000;
 *     absent: when its memory is wanted
 * @param text how a text model is held in memory
 */
public record Serving(
    Optional<Integer> maxBatchRows,
    Optional<Long> maxDelayMicros,
    Optional<Integer> instances,
    Optional<Integer> threads,
    Optional<Integer> queueCapacity,
    Optional<Long> timeoutMillis,
    Optional<Integer> priorityLevels,
    Optional<Integer> defaultPriority,
    Optional<Boolean> responseCache,
    Optional<Sequence> sequence,
    Optional<Boolean> pinned,
    Optional<Long> idleUnloadSeconds,
    Optional<Text> text) {
  /** All as the server is set up. */
  public static final Serving NONE =
      new Serving(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  /** Refuses numbers out of range. */
  public Serving {
    maxBatchRows.ifPresent(rows -> Bounds.whole("serving.max_batch_rows", rows, 1, 1 << 20));
    maxDelayMicros.ifPresent(
        delay -> Bounds.whole("serving.max_delay_micros", delay, 0, 1_000_000));
    instances.ifPresent(count -> Bounds.whole("serving.instances", count, 1, 1024));
    threads.ifPresent(count -> Bounds.whole("serving.threads", count, 1, 256));
    queueCapacity.ifPresent(most -> Bounds.whole("serving.queue_capacity", most, 1, 1 << 20));
    timeoutMillis.ifPresent(time -> Bounds.whole("serving.timeout_millis", time, 1, 3_600_000));
    priorityLevels.ifPresent(count -> Bounds.whole("serving.priority_levels", count, 1, 64));
    int levels = priorityLevels.orElse(1);
    defaultPriority.ifPresent(level -> Bounds.whole("serving.default_priority", level, 1, levels));
    idleUnloadSeconds.ifPresent(
        time -> Bounds.whole("serving.idle_unload_seconds", time, 1, 31_536_000));
  }

  /**
   * How a text model is held in memory.
   *
   * @param weights the form of its weights: {@code FLOAT32}, {@code W8A8}, {@code INT8}, {@code
   *     INT4_BLOCK32}, {@code INT4_BLOCK128}, or {@code auto}: the quickest on the machine
   * @param slots answers that are made at once, 1 to 1024; absent: as many as the cache holds, up
   *     to 16
   * @param context tokens of prompt and answer together, 2 to 4194304, if the model goes so far;
   *     absent: what the model and the cache allow, up to 8192
   * @param cacheMib what the cache of keys and values may take of the memory, 1 to 1048576 MiB;
   *     absent: an eighth of the memory of all models, up to 1024
   */
  public record Text(
      Optional<String> weights,
      Optional<Integer> slots,
      Optional<Integer> context,
      Optional<Integer> cacheMib) {
    /** All as the server is set up. */
    public static final Text NONE =
        new Text(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    /** Refuses numbers out of range, and forms that there are not. */
    public Text {
      weights.ifPresent(
          form ->
              Bounds.pattern(
                  "serving.text.weights",
                  form,
                  "auto|FLOAT32|W8A8|INT8|INT4_BLOCK32|INT4_BLOCK128",
                  "auto, FLOAT32, W8A8, INT8, INT4_BLOCK32 or INT4_BLOCK128"));
      slots.ifPresent(count -> Bounds.whole("serving.text.slots", count, 1, 1024));
      context.ifPresent(most -> Bounds.whole("serving.text.context", most, 2, 1 << 22));
      cacheMib.ifPresent(most -> Bounds.whole("serving.text.cache_mib", most, 1, 1 << 20));
    }

    /**
     * This, and where it says nothing what another says.
     *
     * @param usual what holds otherwise
     * @return both together
     */
    public Text or(Text usual) {
      return new Text(
          weights.or(usual::weights),
          slots.or(usual::slots),
          context.or(usual::context),
          cacheMib.or(usual::cacheMib));
    }
  }

  /**
   * How requests of a sequence are told, and what is kept between them.
   *
   * @param idleMillis after how long without a request a sequence ends, 1 to 86400000 ms; absent:
   *     {@value #IDLE_MILLIS}
   * @param state outputs that are inputs of the sequence's next request, at most 64
   * @param controls inputs that say where in its sequence a request stands
   */
  public record Sequence(
      Optional<Long> idleMillis, List<State> state, Optional<Controls> controls) {
    /** The time where none is given. */
    public static final long IDLE_MILLIS = 60_000;

    /** Refuses numbers out of range, and a state that is named twice. */
    public Sequence {
      state = List.copyOf(state);
      idleMillis.ifPresent(
          time -> Bounds.whole("serving.sequence.idle_millis", time, 1, 86_400_000));
      Bounds.count("serving.sequence.state", state.size(), 64);
      Bounds.distinct("serving.sequence.state.input", state.stream().map(State::input).toList());
      Bounds.distinct("serving.sequence.state.output", state.stream().map(State::output).toList());
    }
  }

  /**
   * An output that becomes an input; zeros at a sequence's first request.
   *
   * @param input the input's name
   * @param output the output's name
   */
  public record State(String input, String output) {
    /** Refuses what is no name. */
    public State {
      Bounds.tensor("serving.sequence.state.input", input);
      Bounds.tensor("serving.sequence.state.output", output);
    }
  }

  /**
   * Names of inputs that the server fills itself.
   *
   * @param start is 1 at a sequence's first request, else 0
   * @param end is 1 at its last
   * @param ready is 1 where a request is there
   * @param correlationId the sequence's number
   */
  public record Controls(
      Optional<String> start,
      Optional<String> end,
      Optional<String> ready,
      Optional<String> correlationId) {
    /** Refuses what is no name. */
    public Controls {
      start.ifPresent(name -> Bounds.tensor("serving.sequence.controls.start", name));
      end.ifPresent(name -> Bounds.tensor("serving.sequence.controls.end", name));
      ready.ifPresent(name -> Bounds.tensor("serving.sequence.controls.ready", name));
      correlationId.ifPresent(
          name -> Bounds.tensor("serving.sequence.controls.correlation_id", name));
    }
  }
}
