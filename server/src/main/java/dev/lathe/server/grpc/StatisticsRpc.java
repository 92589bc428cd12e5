package dev.lathe.server.grpc;

import dev.lathe.serve.ModelStatistics;
import dev.lathe.server.Right;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import java.util.List;

/** What models have done: {@code ModelStatistics}. */
final class StatisticsRpc {
  private final Inference inference;

  /**
   * Tells what models have done.
   *
   * @param inference knows it
   */
  StatisticsRpc(Inference inference) {
    this.inference = inference;
  }

  /** The method. */
  Rpc rpc() {
    return GrpcDoor.unary("ModelStatistics", Right.METRICS, 1, this::answer);
  }

  private WireWriter answer(RpcCall.Admitted call, Message message) {
    InferRpcs.Named named = InferRpcs.Named.read(message.reader());
    List<ModelStatistics> wanted =
        named.model().isEmpty()
            ? inference.statistics()
            : inference.statistics(Inference.name(named.model()), named.version());
    WireWriter fields = new WireWriter();
    wanted.forEach(one -> fields.message(1, statistics(one)));
    return fields;
  }

  private static WireWriter statistics(ModelStatistics one) {
    WireWriter fields =
        new WireWriter()
            .text(1, Inference.shown(one.model().model()))
            .text(2, one.model().version())
            .number(3, one.lastInferenceMillis())
            .number(4, one.inferences())
            .number(5, one.executions())
            .message(6, totals(one.totals()));
    for (ModelStatistics.OfSize size : one.batches()) {
      fields.message(
          7,
          batch ->
              batch
                  .number(1, size.batchSize())
                  .message(2, total(size.computeInput()))
                  .message(3, total(size.computeInfer()))
                  .message(4, total(size.computeOutput())));
    }
    for (ModelStatistics.Memory memory : one.memory()) {
      fields.message(
          8, held -> held.text(1, memory.type()).number(2, memory.id()).number(3, memory.bytes()));
    }
    return fields;
  }

  private static WireWriter totals(ModelStatistics.Totals totals) {
    return new WireWriter()
        .message(1, total(totals.success()))
        .message(2, total(totals.fail()))
        .message(3, total(totals.queue()))
        .message(4, total(totals.computeInput()))
        .message(5, total(totals.computeInfer()))
        .message(6, total(totals.computeOutput()))
        .message(7, total(totals.cacheHit()))
        .message(8, total(totals.cacheMiss()));
  }

  private static WireWriter total(ModelStatistics.Total total) {
    return new WireWriter().number(1, total.count()).number(2, total.nanos());
  }
}
