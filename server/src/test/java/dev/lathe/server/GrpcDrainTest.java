package dev.lathe.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.server.grpc.wire.WireWriter;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that is told to end, as by SIGTERM, while calls go on. */
@Timeout(60)
class GrpcDrainTest {
  private static final String STREAM = GrpcClient.SERVICE + "ModelStreamInfer";

  @TempDir private Path data;

  @Test
  void openStream_getsTheAnswersThatAreUnderWay_andEndsAsUnavailable() throws Exception {
    ServedModel.publish(data, 1);
    LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
    try (GrpcClient client = new GrpcClient(server.address().getPort())) {
      GrpcAnswers answers = new GrpcAnswers();
      StreamObserver<byte[]> requests = client.stream(STREAM, answers, CallOptions.DEFAULT);
      requests.onNext(question(0));
      answers.take();
      for (int i = 1; i < 25; i++) {
        requests.onNext(question(i));
      }
      // All are read once the last is answered; the stream stays open.
      for (int i = 1; i < 25; i++) {
        assertThat(id(answers.take())).isEqualTo("r" + i);
      }
      requests.onNext(question(25));
      Thread ending = Thread.ofVirtual().start(server::close);
      assertThat(answers.end()).isEqualTo(Status.Code.UNAVAILABLE);
      for (byte[] last = answers.poll(); last != null; last = answers.poll()) {
        assertThat(id(last)).isEqualTo("r25");
        assertThat(GrpcClient.text(last, 1)).isEmpty();
      }
      GrpcAnswers late = new GrpcAnswers();
      client.stream(STREAM, late, CallOptions.DEFAULT).onNext(question(26));
      assertThat(late.end()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThatThrownBy(() -> client.call(GrpcClient.SERVICE + "ServerLive", new WireWriter()))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
      ending.join();
      assertThat(late.poll()).isNull();
    }
  }

  private static String id(byte[] answer) {
    return GrpcClient.text(GrpcClient.fields(answer, 2).getFirst(), 3);
  }

  private static byte[] question(int number) {
    ByteBuffer floats = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    return GrpcClient.bytes(
        new WireWriter()
            .text(1, "demo/linear")
            .text(3, "r" + number)
            .message(5, x -> x.text(1, "x").text(2, "FP32").packed(3, 1, 4))
            .bytes(7, floats.array()));
  }
}
