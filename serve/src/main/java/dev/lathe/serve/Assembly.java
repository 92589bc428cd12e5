package dev.lathe.serve;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.Serving;
import java.time.Duration;

/**
 * Puts together what answers a version's requests: its batcher, warmed up, and before it what its
 * deployment asks for: sequences, a cache of answers, or the steps of a pipeline.
 */
final class Assembly {
  private static final int MOST_SEQUENCES = 4096;
  private static final long CACHE_BYTES = 64L << 20;

  private final PipelineResponder.House house;
  private final ServeObserver observer;

  /**
   * An assembly.
   *
   * @param house what models share; its policy is that of versions that say nothing else
   * @param observer hears of runs
   */
  Assembly(PipelineResponder.House house, ServeObserver observer) {
    this.house = house;
    this.observer = observer;
  }

  /**
   * A version that is warm.
   *
   * @param tally counts what it does
   * @throws LatheException why it cannot run, or cannot be served as it should be
   */
  Responder build(Served wanted, Source.Opened opened, Tally tally) {
    ModelVersion version = wanted.version();
    BatchPolicy policy = house.policy().with(wanted.serving());
    Batcher batcher =
        new Batcher(
            opened.engine(),
            policy,
            house.pool(),
            timing -> {
              tally.ran(timing);
              observer.ran(version, timing);
            });
    if (opened.engine().isOpen() && !opened.engine().outputs().isEmpty()) {
      new WarmUp(version, batcher).run(opened.engine().inputs(), opened.samples());
    }
    if (!opened.pipeline().isNone()) {
      return PipelineResponder.open(version, opened.pipeline(), batcher, house);
    }
    if (wanted.serving().sequence().isPresent()) {
      return sequences(policy(wanted.serving().sequence().get()), batcher, policy.timeout());
    }
    return wanted.serving().responseCache().orElse(false)
        ? new AnswerCache(batcher, heard(tally), CACHE_BYTES, policy.timeout())
        : batcher;
  }

  private static Sequences sequences(SequencePolicy policy, Batcher batcher, Duration longest) {
    SequenceInputs io = new SequenceInputs(policy, batcher.inputs(), batcher.outputs());
    return new Sequences(policy, io, batcher, new Sequences.Timing(longest, System::nanoTime));
  }

  private static SequencePolicy policy(Serving.Sequence given) {
    return new SequencePolicy(
        Duration.ofMillis(given.idleMillis().orElse(Serving.Sequence.IDLE_MILLIS)),
        MOST_SEQUENCES,
        given.state().stream()
            .map(state -> new SequencePolicy.State(state.input(), state.output()))
            .toList(),
        given
            .controls()
            .map(c -> new SequencePolicy.Controls(c.start(), c.end(), c.ready(), c.correlationId()))
            .orElse(SequencePolicy.Controls.NONE));
  }

  private static AnswerCache.Heard heard(Tally tally) {
    return new AnswerCache.Heard() {
      @Override
      public void hit(long looked, long nanos) {
        tally.hit(looked, nanos);
      }

      @Override
      public void missed(long nanos) {
        tally.missed(nanos);
      }
    };
  }
}
