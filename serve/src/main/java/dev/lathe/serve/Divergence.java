package dev.lathe.serve;

import dev.lathe.ir.Tensor;
import dev.lathe.serve.TrialReport.Agreement;
import dev.lathe.serve.TrialReport.Difference;
import dev.lathe.serve.TrialReport.Differing;
import dev.lathe.serve.TrialReport.Kind;
import dev.lathe.serve.TrialReport.Output;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How answers of a version on trial compare with the live version's: figures over all, and the
 * requests that differed last. For many threads at once.
 */
final class Divergence {
  private static final int MOST_REQUESTS = 50;
  private static final int MOST_OUTPUTS = 1000;
  private static final long MOST_INPUT_BYTES = 64 << 10;

  private final Map<String, Output> outputs = new TreeMap<>();
  private final Deque<Differing> requests = new ArrayDeque<>();
  private long compared;
  private long different;
  private long dropped;

  /** A request could not be compared. */
  synchronized void dropped() {
    dropped++;
  }

  /**
   * A request was compared.
   *
   * @param one the request and all its outputs
   * @return whether it differs
   */
  synchronized boolean add(Differing one) {
    one.differences().forEach(this::sum);
    List<Difference> told =
        one.differences().stream().filter(each -> each.kind() != Kind.NOTHING).toList();
    boolean differs = !told.isEmpty() || !one.failure().isEmpty();
    compared++;
    if (differs) {
      different++;
      requests.addFirst(
          new Differing(one.id(), one.time(), told, one.failure(), kept(one.inputs())));
      if (requests.size() > MOST_REQUESTS) {
        requests.removeLast();
      }
    }
    return differs;
  }

  private static Map<String, Tensor> kept(Map<String, Tensor> inputs) {
    return Mirror.bytes(inputs) <= MOST_INPUT_BYTES ? inputs : Map.of();
  }

  private void sum(Difference one) {
    boolean differs = one.kind() != Kind.NOTHING;
    if (differs || one.maxAbsolute() > 0) {
      Output here = new Output(one.output(), differs ? 1 : 0, one.maxAbsolute(), one.maxRelative());
      if (outputs.size() < MOST_OUTPUTS || outputs.containsKey(one.output())) {
        outputs.merge(one.output(), here, Divergence::sum);
      }
    }
  }

  private static Output sum(Output one, Output other) {
    return new Output(
        one.name(),
        one.different() + other.different(),
        Math.max(one.maxAbsolute(), other.maxAbsolute()),
        Math.max(one.maxRelative(), other.maxRelative()));
  }

  synchronized Agreement agreement() {
    return new Agreement(
        compared, different, dropped, List.copyOf(outputs.values()), List.copyOf(requests));
  }
}
