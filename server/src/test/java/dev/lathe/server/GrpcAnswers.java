package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** What comes on a stream. */
final class GrpcAnswers implements StreamObserver<byte[]> {
  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicReference<Status.Code> end = new AtomicReference<>(Status.Code.OK);

  byte[] take() throws InterruptedException {
    byte[] next = received.poll(20, TimeUnit.SECONDS);
    assertThat(next).as("an answer within 20 s").isNotNull();
    return next;
  }

  /** The next answer that has come; null if none has. */
  byte @Nullable [] poll() {
    return received.poll();
  }

  Status.Code end() throws InterruptedException {
    assertThat(ended.await(20, TimeUnit.SECONDS)).as("the end within 20 s").isTrue();
    return end.get();
  }

  @Override
  public void onNext(byte[] value) {
    received.add(value);
  }

  @Override
  public void onError(Throwable failure) {
    end.set(Status.fromThrowable(failure).getCode());
    ended.countDown();
  }

  @Override
  public void onCompleted() {
    ended.countDown();
  }
}
