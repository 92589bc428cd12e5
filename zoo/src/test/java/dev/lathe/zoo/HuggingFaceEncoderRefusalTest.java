package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What changes the mathematics of an encoder and is not known is refused by its name. */
class HuggingFaceEncoderRefusalTest {
  @TempDir private Path folder;

  private void refused(String fixture, String part, String replacement, String message)
      throws IOException {
    Path from = Shared.path("fixtures/hf/" + fixture);
    String config = Files.readString(from.resolve("config.json"));
    assertThat(config).contains(part);
    Path copy = Files.createTempDirectory(folder, fixture);
    Files.writeString(copy.resolve("config.json"), config.replace(part, replacement));
    Files.copy(from.resolve("model.safetensors"), copy.resolve("model.safetensors"));
    assertThatThrownBy(() -> HuggingFace.read(copy)).hasMessageContaining(message);
  }

  private static final String EPSILON = "\"layer_norm_eps\": 1e-12,";

  @Test
  void fieldsOfEncoders_areNotPassedOver() throws IOException {
    refused(
        "bert-qa",
        EPSILON,
        EPSILON + "\"position_embedding_type\": \"relative_key\",",
        "position_embedding_type: \"relative_key\" (supported: \"absolute\")");
    refused("bert-qa", EPSILON, EPSILON + "\"embedding_size\": 32,", "embedding_size: 32");
    refused("bert-qa", "\"is_decoder\": false", "\"is_decoder\": true", "is_decoder: true");
    refused("bert-qa", "\"gelu\"", "\"laplace\"", "hidden_act: \"laplace\" (supported: gelu");
    refused(
        "bert-qa",
        "\"num_attention_heads\": 4",
        "\"num_attention_heads\": 5",
        "num_attention_heads: 5 (expected: a divisor of the width 64)");
    refused(
        "bert-classify",
        "\"2\": \"LABEL_2\"",
        "\"2\": \"a\", \"3\": \"b\"",
        "\"classifier.weight\"");
    refused(
        "bert-classify",
        "BertForSequenceClassification",
        "BertModel",
        "tensor \"classifier.bias\"");
    refused(
        "roberta-rerank",
        "RobertaForSequenceClassification",
        "RobertaForMultipleChoice",
        "\"RobertaForMultipleChoice\" (supported of roberta: RobertaModel");
  }

  @Test
  void fieldsOfEncoderDecoders_areNotPassedOver() throws IOException {
    refused(
        "marian",
        "\"d_model\": 64,",
        "\"d_model\": 64, \"normalize_before\": true,",
        "normalize_before: true (supported: false)");
    refused(
        "marian",
        "\"decoder_vocab_size\": 512",
        "\"decoder_vocab_size\": 500",
        "decoder_vocab_size: 500 (expected: 512, as the embeddings are shared)");
    refused(
        "marian",
        "\"static_position_embeddings\": true",
        "\"static_position_embeddings\": false",
        "static_position_embeddings: false");
    refused(
        "t5",
        "\"feed_forward_proj\": \"relu\"",
        "\"feed_forward_proj\": \"gated-gelu\"",
        "is_gated_act: false (supported: true)");
    refused("t5", "\"d_ff\": 128", "\"d_ff\": 128, \"sparse_step\": 2", "sparse_step: 2");
    refused(
        "t5",
        "\"relative_attention_num_buckets\": 32",
        "\"relative_attention_num_buckets\": 31",
        "\"encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight\"");
  }
}
