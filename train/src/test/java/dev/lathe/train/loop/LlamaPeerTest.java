package dev.lathe.train.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.runtime.Session;
import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import dev.lathe.transform.CrossEntropy;
import dev.lathe.transform.Objective;
import dev.lathe.transform.Sgd;
import dev.lathe.transform.StateSlot;
import dev.lathe.transform.StepGraph;
import dev.lathe.transform.TrainingGraphs;
import dev.lathe.zoo.Gpt;
import dev.lathe.zoo.Llama;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gradients of a Llama by every parameter, on the engine, against PyTorch's. */
class LlamaPeerTest {
  private static final String SCRIPT =
      """
      import sys, torch
      import torch.nn.functional as F
      from safetensors.torch import load_file, save_file
      t = load_file(sys.argv[1])
      p = {k: v.requires_grad_() for k, v in t.items() if k.startswith("model.")}
      x, target, H, G, d = t["x"], t["target"], 4, 2, 4
      N, T = x.shape
      def norm(h, name):
          return h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-5) * p[name + ".weight"]
      def turn(q):
          w = 10000.0 ** (-torch.arange(0, d, 2).float() / d)
          a = torch.arange(T).float()[:, None] * w
          a = torch.cat([a, a], -1)
          half = torch.cat([-q[..., d // 2:], q[..., :d // 2]], -1)
          return q * a.cos() + half * a.sin()
      h = p["model.embed_tokens.weight"][x]
      for i in range(2):
          n = f"model.layers.{i}."
          a = norm(h, n + "input_layernorm")
          def heads(s, k):
              return F.linear(a, p[n + f"self_attn.{s}_proj.weight"]).view(N, T, k, d).transpose(1, 2)
          q, k, v = turn(heads("q", H)), turn(heads("k", G)), heads("v", G)
          k, v = k.repeat_interleave(H // G, 1), v.repeat_interleave(H // G, 1)
          m = F.scaled_dot_product_attention(q, k, v, is_causal=True)
          m = m.transpose(1, 2).reshape(N, T, H * d)
          h = h + F.linear(m, p[n + "self_attn.o_proj.weight"])
          a = norm(h, n + "post_attention_layernorm")
          g = F.silu(F.linear(a, p[n + "mlp.gate_proj.weight"]))
          g = g * F.linear(a, p[n + "mlp.up_proj.weight"])
          h = h + F.linear(g, p[n + "mlp.down_proj.weight"])
      y = F.linear(norm(h, "model.norm"), p["model.embed_tokens.weight"])
      loss = F.cross_entropy(y.flatten(0, 1), target.flatten())
      loss.backward()
      found = {k: v.grad for k, v in p.items()}
      found["loss"] = loss.detach().reshape(1)
      save_file(found, sys.argv[2])
      """;

  @TempDir private Path folder;

  @Test
  void gradients_arePyTorchs() {
    String python = Python.with("torch", "safetensors");
    Llama llama =
        new Llama(11, 8, new Llama.Size(16, 24, 2, 4, 2), Llama.Constants.STANDARD, Gpt.Head.TIED);
    Model model = enlarged(llama.build(3));
    StepGraph step =
        TrainingGraphs.of(
                model,
                new Objective(new CrossEntropy(), "y"),
                Sgd.plain(),
                model.graph().initializers().keySet())
            .step();
    Map<String, Tensor> tensors = new LinkedHashMap<>(model.graph().initializers());
    tensors.put("x", tokens(1));
    tensors.put("target", tokens(2));
    Safetensors.write(folder.resolve("given"), tensors, Map.of());
    Python.run(python, SCRIPT, folder.resolve("given"), folder.resolve("found"));
    Map<String, Tensor> expected = Safetensors.open(folder.resolve("found")).tensors();

    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", tensors.get("x"));
    inputs.put("target", tensors.get("target"));
    inputs.put("weights", Tensor.ofFloats(new float[] {1, 1, 1}, 3));
    inputs.put("learning_rate", Tensor.scalar(1f));
    step.slots().forEach(slot -> inputs.put(slot.input(), slot.initial()));
    try (Session session = Session.open(step.model(), SessionOptions.training(1))) {
      Map<String, Tensor> outputs = session.run(inputs);
      assertThat(outputs.get("loss").doubleAt(0))
          .isCloseTo(expected.get("loss").doubleAt(0), within(1e-5));
      for (StateSlot slot : step.slots()) {
        double[] found = slot.initial().toDoubles();
        double[] next = outputs.get(slot.output()).toDoubles();
        java.util.Arrays.setAll(found, i -> found[i] - next[i]);
        assertThat(found)
            .as(slot.parameter())
            .containsExactly(expected.get(slot.parameter()).toDoubles(), within(2e-5));
      }
    }
  }

  /** Weights ten times as large, so that attention is not even. */
  private static Model enlarged(Model model) {
    Map<String, Tensor> larger = new LinkedHashMap<>(model.graph().initializers());
    larger.replaceAll(
        (name, tensor) -> {
          float[] values = tensor.toFloats();
          for (int i = 0; i < values.length && tensor.rank() == 2; i++) {
            values[i] *= 10;
          }
          return Tensor.ofFloats(values, tensor.dims());
        });
    return model.withGraph(model.graph().withInitializers(larger));
  }

  private static Tensor tokens(long seed) {
    return Tensor.ofLongs(new SplittableRandom(seed).longs(24, 0, 11).toArray(), 3, 8);
  }
}
