package dev.lathe.checks.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.models.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.server.Lathe;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** An adapter, as OpenAI's client for Java finds and asks it: a model of its own. */
@Timeout(120)
class OpenAiAdapterTest {
  private static final String LAYER = "base_model.model.model.layers.2.mlp.down_proj";

  @Test
  void adapter_isListedWithItsParentAndAnswersByItsName(@TempDir Path data, @TempDir Path adapter)
      throws IOException {
    ShakespeareModel.publish(data);
    Map<String, Tensor> tensors =
        Map.of(LAYER + ".lora_A.weight", waves(8, 512), LAYER + ".lora_B.weight", waves(192, 8));
    Safetensors.write(
        adapter.resolve("adapters.safetensors"), tensors, Map.of("r", "8", "lora_alpha", "8"));
    try (LatheServer server = LatheServer.start(ServerConfig.of(data, 0));
        Lathe lathe = Lathe.connect(server.address())) {
      lathe.importAdapter("bard/wavy", ShakespeareModel.NAME, adapter.toString(), "");
      lathe.deploy("bard/wavy", "v1", "prod");
      OpenAIClient client =
          OpenAIOkHttpClient.builder()
              .baseUrl(server.address() + "/v1")
              .apiKey("any")
              .maxRetries(0)
              .build();
      String wavy = said(client, "bard/wavy");
      assertThat(wavy).isNotBlank().isNotEqualTo(said(client, ShakespeareModel.NAME));
      assertThat(said(client, "bard/wavy@v1")).isEqualTo(wavy);
      Map<String, String> listed = new HashMap<>();
      for (Model model : client.models().list().autoPager()) {
        listed.put(model.id(), model.toString());
      }
      assertThat(listed.get("bard/wavy")).contains("parent=" + ShakespeareModel.NAME);
      assertThat(listed.get(ShakespeareModel.NAME)).isNotNull().doesNotContain("parent=");
      assertThatThrownBy(() -> said(client, "bard/none")).isInstanceOf(NotFoundException.class);
      client.close();
    }
  }

  private static String said(OpenAIClient client, String model) {
    CompletionCreateParams asked =
        CompletionCreateParams.builder()
            .model(model)
            .prompt("ROMEO:")
            .maxTokens(24)
            .temperature(0)
            .build();
    return client.completions().create(asked).choices().getFirst().text();
  }

  private static Tensor waves(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (0.1 * Math.sin(i * 0.7));
    }
    return Tensor.ofFloats(values, rows, columns);
  }
}
