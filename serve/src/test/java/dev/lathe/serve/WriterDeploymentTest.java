package dev.lathe.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.generate.SequenceModel;
import dev.lathe.generate.Sitting;
import dev.lathe.generate.WritingRules;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.registry.Content;
import dev.lathe.registry.Metadata;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Registry;
import dev.lathe.registry.Release;
import dev.lathe.registry.Signature;
import dev.lathe.zoo.EncoderDecoder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Encoders with decoders are in memory in the form that writes; in the other once it is asked. */
@Timeout(120)
class WriterDeploymentTest {
  private static final ModelName NAME = ModelName.parse("demo/two-tongues");
  private static final Model MODEL = new EncoderDecoder(900, 16, 64, 2, 4, 128, 0).build(1);
  private static final String RULES =
      "{\"decoder_start_token_id\": 1, \"eos_token_id\": 2, \"pad_token_id\": 0,"
          + " \"max_length\": 9}";

  @TempDir Path folder;
  private Registry registry;
  private Deployments deployments;

  @BeforeEach
  void start() {
    registry = Registry.open(folder);
    deployments = new Deployments(registry, ServeOptions.defaults("prod"), new ServeObserver() {});
  }

  @AfterEach
  void stop() {
    deployments.close();
    registry.close();
  }

  private void deploy(Map<String, Content> beside) {
    Metadata metadata =
        new Metadata(
            "translation",
            Metadata.NONE.labels(),
            Signature.of(MODEL),
            Metadata.NONE.lineage(),
            Map.of());
    Release release = Release.of(Content.of(OnnxFile.toBytes(MODEL)), metadata, "For a test");
    for (Map.Entry<String, Content> file : beside.entrySet()) {
      release = release.with(file.getKey(), file.getValue());
    }
    registry.publish(NAME, release);
    registry.deploy(NAME, "v1", "prod");
    deployments.refresh();
  }

  private static long weights() {
    return MODEL.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum();
  }

  private static InferRequest question() {
    Tensor source = Tensor.ofLongs(new long[] {5, 6, 2}, 1, 3);
    return InferRequest.of(Map.of("x", source, "previous", Tensor.ofLongs(new long[] {1}, 1, 1)));
  }

  @Test
  void liveTranslator_isInMemoryOnce_untilItsWholeGraphIsAsked() {
    deploy(Map.of(WritingRules.FILE, Content.of(RULES)));
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      LoadedModel model = lease.model();
      long parts = model.writer().bytes();
      // The table of tokens is in both parts.
      assertThat(parts).isBetween(weights(), weights() + 900 * 64 * Float.BYTES);
      assertThat(model.weightBytes()).isEqualTo(parts);
      long before = deployments.memory().used();
      assertThat(before).isGreaterThanOrEqualTo(parts);
      assertThat(chargeWhileWriting(model.writer())).isGreaterThan(before);
      awaitCharge(before);
      assertThat(model.check(Duration.ofSeconds(30))).isEmpty();
      assertThat(model.weightBytes()).as("after writing").isEqualTo(parts);
      assertThat(model.inputs()).hasSize(2);

      assertThat(model.infer(question()).outputs().get("y").dims()).containsExactly(1, 1, 900);
      assertThat(model.weightBytes()).isEqualTo(parts + weights());
      model.infer(question());
      assertThat(deployments.memory().used()).isEqualTo(before + weights());
    }
  }

  /** Keys and values count as long as something is written. */
  private long chargeWhileWriting(SequenceModel writer) {
    AtomicLong most = new AtomicLong();
    Sitting sitting =
        Sitting.USUAL.also(() -> most.accumulateAndGet(deployments.memory().used(), Math::max));
    assertThat(writer.write(List.of(new long[] {5, 6, 2}), writer.rules(), sitting)).hasSize(1);
    return most.get();
  }

  private void awaitCharge(long bytes) {
    while (deployments.memory().used() != bytes) {
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  void modelWithoutItsSettings_answersAsOthersDo_andSaysWhyItDoesNotWrite() {
    deploy(Map.of());
    try (Lease lease = deployments.acquire(NAME, Selector.live("prod"))) {
      assertThat(lease.model().weightBytes()).isEqualTo(weights());
      assertThat(lease.model().infer(question()).outputs()).containsKey("y");
      assertThatThrownBy(() -> lease.model().writer())
          .hasMessageContaining("demo/two-tongues@v1 writes no text for a text: ")
          .hasMessageContaining("decoder_start_token_id");
    }
  }
}
