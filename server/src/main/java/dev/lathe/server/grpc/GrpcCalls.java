package dev.lathe.server.grpc;

import dev.lathe.server.BodyBudget;
import dev.lathe.server.infer.SegmentPool;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The methods of all services, what every call shares, and the calls that are under way. */
final class GrpcCalls implements AutoCloseable {
  private static final long POOLED_BYTES = 64L << 20;
  private static final long SWEEP_MILLIS = 250;

  private final Map<String, Rpc> methods;
  private final RpcGate gate;
  private final Sight sight;
  private final SegmentPool pool = new SegmentPool(POOLED_BYTES);
  private final BodyBudget budget;
  private final Set<GrpcStream> underway = ConcurrentHashMap.newKeySet();
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Thread sweeper;

  /**
   * No calls yet.
   *
   * @param methods all methods
   * @param gate what every call passes
   * @param sight looks at every message
   * @param budget how large a message may be, before and after it is inflated, and what messages of
   *     all calls may take together
   */
  GrpcCalls(Collection<Rpc> methods, RpcGate gate, Sight sight, BodyBudget budget) {
    this.sight = sight;
    this.methods = methods.stream().collect(Collectors.toMap(Rpc::name, Function.identity()));
    this.gate = gate;
    this.budget = budget;
    this.sweeper = Thread.ofPlatform().daemon().name("lathe-grpc-deadlines").start(this::sweep);
  }

  /** The method of a path without its first slash. */
  Optional<Rpc> method(String name) {
    return Optional.ofNullable(methods.get(name));
  }

  /** All methods. */
  Collection<Rpc> methods() {
    return methods.values();
  }

  RpcGate gate() {
    return gate;
  }

  Sight sight() {
    return sight;
  }

  long limit() {
    return budget.largest();
  }

  /** Calls under way. */
  int count() {
    return underway.size();
  }

  Inbox inbox(Inflation inflation) {
    return new Inbox(inflation, budget, pool);
  }

  /** A call begins; false if none may any more. */
  boolean begun(GrpcStream stream) {
    underway.add(stream);
    return stopped.getCount() > 0;
  }

  void ended(GrpcStream stream) {
    underway.remove(stream);
  }

  private void sweep() {
    try {
      while (!stopped.await(SWEEP_MILLIS, TimeUnit.MILLISECONDS)) {
        long now = System.nanoTime();
        underway.forEach(stream -> stream.expire(now));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the calls that would stay as long as their callers; lets the others finish, and lets none
   * begin.
   */
  @Override
  public void close() {
    stopped.countDown();
    underway.forEach(GrpcStream::stop);
  }
}
