package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters as PEFT saves them, sound and hostile. */
class LowRankTest {
  private static final String ROOT = "base_model.model.";
  private static final String Q = "model.layers.0.self_attn.q_proj";
  private static final String V = "model.layers.1.self_attn.v_proj";

  @TempDir private Path folder;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  @BeforeEach
  void two() {
    put(Q, 4, 8, 6);
    put(V, 4, 8, 2);
  }

  private void put(String layer, int rank, int inputs, int outputs) {
    tensors.put(ROOT + layer + ".lora_A.weight", ones(rank, inputs));
    tensors.put(ROOT + layer + ".lora_B.weight", ones(outputs, rank));
  }

  private static Tensor ones(int rows, int columns) {
    float[] values = new float[rows * columns];
    java.util.Arrays.fill(values, 1);
    return Tensor.ofFloats(values, rows, columns);
  }

  private LowRank read(String fields) throws IOException {
    Safetensors.write(folder.resolve("adapter_model.safetensors"), tensors, Map.of());
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"lora_alpha\": 8"
            + (fields.isEmpty() ? "" : ", ")
            + fields
            + "}");
    return LowRank.read(folder);
  }

  @Test
  void config_saysTheScaleOfEachLayer() throws IOException {
    assertThat(LowRank.isIn(folder)).isFalse();
    LowRank plain = read("\"r\": 4, \"base_model_name_or_path\": \"org/base\"");
    assertThat(LowRank.isIn(folder)).isTrue();
    assertThat(plain.base()).isEqualTo("org/base");
    assertThat(plain.rank()).isEqualTo(4);
    assertThat(plain.layers().keySet()).containsExactly(Q, V);
    assertThat(plain.layers().get(Q).scale()).isEqualTo(2);
    assertThat(plain.layers().get(Q).down().dims()).containsExactly(4, 8);
    assertThat(plain.layers().get(V).up().dims()).containsExactly(2, 4);
    assertThat(plain.files()).hasSize(2);
    assertThat(read("\"r\": 4, \"use_rslora\": true").layers().get(Q).scale()).isEqualTo(4);
  }

  @Test
  void patterns_areReadAsPeftReadsThem() throws IOException {
    put("model.layers.0.mlp.up_proj", 2, 8, 3);
    LowRank read =
        read(
            "\"r\": 4, \"rank_pattern\": {\"up_proj\": 2},"
                + " \"alpha_pattern\": {\"layers.0.self_attn.q_proj\": 16, \"^model.*v_proj\": 3}");
    assertThat(read.layers().get("model.layers.0.mlp.up_proj").scale()).isEqualTo(4);
    assertThat(read.layers().get(Q).scale()).isEqualTo(4);
    assertThat(read.layers().get(V).scale()).isEqualTo(0.75);
  }

  @Test
  void switchesThatAreOff_changeNothing() throws IOException {
    String off =
        "\"r\": 4, \"bias\": \"none\", \"use_dora\": false, \"modules_to_save\": null,"
            + " \"target_modules\": [\"q_proj\"], \"loftq_config\": {}, \"lora_bias\": false,"
            + " \"trainable_token_indices\": null, \"layer_replication\": null, \"task_type\":"
            + " \"CAUSAL_LM\", \"fan_in_fan_out\": true, \"lora_dropout\": 0.1, \"peft_version\":"
            + " \"0.18.0\", \"init_lora_weights\": \"gaussian\", \"of_another_year\": false";
    assertThat(read(off).layers()).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"r\": 4, \"use_dora\": true | use_dora: true",
        "\"r\": 4, \"modules_to_save\": [\"lm_head\"] | modules_to_save: [\"lm_head\"]",
        "\"r\": 4, \"bias\": \"all\" | bias: \"all\" (supported: \"none\")",
        "\"r\": 4, \"lora_bias\": true | lora_bias: true",
        "\"r\": 4, \"layer_replication\": [[0, 2]] | layer_replication",
        "\"r\": 4, \"init_lora_weights\": \"pissa\" | init_lora_weights: \"pissa\"",
        "\"r\": 4, \"alora_invocation_tokens\": [5] | alora_invocation_tokens: [5]",
        "\"r\": 4, \"of_another_year\": 3 | of_another_year: 3",
        "\"r\": 4, \"rank_pattern\": {\"(a*)*b\": 3} | (a*)*b: a pattern of names",
        "\"r\": 0 | r: 0 (expected: a whole number",
        "\"r\": 100000 | r: 100000 (expected: a whole number",
        "\"r\": 4, \"rank_pattern\": {\"q_proj\": 1e9} | rank of model.layers.0",
        "\"r\": 5 | shape [4,8] (expected: [5,8])",
        "\"lora_dropout\": 0 | r: missing",
      })
  void whatChangesTheMathematics_isRefusedByName(String fields, String message) {
    assertThatThrownBy(() -> read(fields))
        .isInstanceOf(LatheException.class)
        .satisfies(e -> assertThat(squeezed(e.getMessage())).contains(squeezed(message)));
  }

  private static String squeezed(String text) {
    return text.replace(" ", "");
  }

  private void refused(String message) {
    assertThatThrownBy(() -> read("\"r\": 4"))
        .isInstanceOfSatisfying(
            LatheException.class,
            e -> assertThat(e.kind()).isIn(ErrorKind.INVALID, ErrorKind.UNSUPPORTED))
        .hasMessageContaining(message);
  }

  @Test
  void tensors_thatAreNoPairsOfNumbersAreRefused() {
    tensors.put(ROOT + Q + ".lora_magnitude_vector", ones(1, 6));
    refused("lora_magnitude_vector");
    tensors.remove(ROOT + Q + ".lora_magnitude_vector");
    tensors.put(ROOT + "model.embed_tokens.lora_embedding_A", ones(4, 6));
    refused("lora_embedding_A");
    tensors.remove(ROOT + "model.embed_tokens.lora_embedding_A");
    Tensor up = tensors.remove(ROOT + Q + ".lora_B.weight");
    refused("lora_B.weight\": missing");
    tensors.put(ROOT + Q + ".lora_B.weight", Tensor.zeros(ElementType.INT8, 6, 4));
    refused("INT8");
    tensors.put(ROOT + Q + ".lora_B.weight", Tensor.zeros(ElementType.FLOAT, 6, 4, 1, 1));
    refused("two axes");
    float[] values = up.toFloats();
    values[3] = Float.NaN;
    tensors.put(ROOT + Q + ".lora_B.weight", Tensor.ofFloats(values, 6, 4));
    refused("NaN (expected: finite numbers)");
    tensors.clear();
    tensors.put("something", ones(1, 1));
    refused("something");
  }

  @Test
  void filesThatAreMissingOrOfAnotherKind_areRefused() throws IOException {
    assertThatThrownBy(() -> LowRank.read(folder)).hasMessageContaining("adapter_config.json");
    Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"IA3\"}");
    assertThatThrownBy(() -> LowRank.read(folder))
        .hasMessageContaining("peft_type: \"IA3\" (supported: \"LORA\")");
    Files.writeString(folder.resolve("adapter_config.json"), "{\"r\": 1}");
    assertThatThrownBy(() -> LowRank.read(folder)).hasMessageContaining("peft_type: missing");
    Files.writeString(
        folder.resolve("adapter_config.json"),
        "{\"peft_type\": \"LORA\", \"r\": 1, \"lora_alpha\": 1}");
    assertThatThrownBy(() -> LowRank.read(folder))
        .hasMessageContaining("no adapter_model.safetensors");
    Files.write(folder.resolve("adapter_model.safetensors"), new byte[40]);
    assertThatThrownBy(() -> LowRank.read(folder)).isInstanceOf(LatheException.class);
  }

  @Test
  void adaptersOfARunHere_haveTheirScaleInTheFile() {
    Path file = folder.resolve("adapters.safetensors");
    Safetensors.write(file, tensors, Map.of("r", "4", "lora_alpha", "16.0"));
    assertThat(LowRank.isIn(folder)).isTrue();
    LowRank read = LowRank.read(folder);
    assertThat(read.layers().get(Q).scale()).isEqualTo(4);
    assertThat(read.files()).containsExactly(file);
    Safetensors.write(file, tensors, Map.of("r", "4"));
    assertThatThrownBy(() -> LowRank.read(folder)).hasMessageContaining("lora_alpha \"\"");
  }
}
