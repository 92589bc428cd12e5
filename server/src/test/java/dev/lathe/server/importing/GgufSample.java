package dev.lathe.server.importing;

import dev.lathe.ir.Tensor;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes the Llama of {@link ImportTest} as llama.cpp's converter does: one layer, heads of 8. */
final class GgufSample {
  private static final int HEAD = 8;
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"),
          Map.entry("model.layers.0.input_layernorm", "blk.0.attn_norm"),
          Map.entry("model.layers.0.self_attn.q_proj", "blk.0.attn_q"),
          Map.entry("model.layers.0.self_attn.k_proj", "blk.0.attn_k"),
          Map.entry("model.layers.0.self_attn.v_proj", "blk.0.attn_v"),
          Map.entry("model.layers.0.self_attn.o_proj", "blk.0.attn_output"),
          Map.entry("model.layers.0.post_attention_layernorm", "blk.0.ffn_norm"),
          Map.entry("model.layers.0.mlp.gate_proj", "blk.0.ffn_gate"),
          Map.entry("model.layers.0.mlp.up_proj", "blk.0.ffn_up"),
          Map.entry("model.layers.0.mlp.down_proj", "blk.0.ffn_down"));

  private final ByteBuffer header = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  private GgufSample() {}

  static byte[] of(Map<String, Tensor> weights) {
    return new GgufSample().bytes(weights);
  }

  private byte[] bytes(Map<String, Tensor> weights) {
    Map<String, Integer> sizes = new LinkedHashMap<>();
    sizes.put("context_length", 32);
    sizes.put("embedding_length", 16);
    sizes.put("block_count", 1);
    sizes.put("feed_forward_length", 16);
    sizes.put("attention.head_count", 2);
    sizes.put("attention.head_count_kv", 1);
    header.putInt(0x46554747).putInt(3).putLong(weights.size()).putLong(sizes.size() + 2);
    text("general.architecture").putInt(8);
    text("llama");
    text("llama.attention.layer_norm_rms_epsilon").putInt(6).putFloat(1e-5f);
    sizes.forEach((key, size) -> text("llama." + key).putInt(4).putInt(size));
    weights.forEach(this::tensor);
    while (header.position() % 32 != 0) {
      header.put((byte) 0);
    }
    byte[] all = new byte[header.position() + data.size()];
    header.flip().get(all, 0, header.limit());
    System.arraycopy(data.toByteArray(), 0, all, header.limit(), data.size());
    return all;
  }

  private void tensor(String name, Tensor weight) {
    String layer = name.substring(0, name.length() - ".weight".length());
    text(NAMES.get(layer) + ".weight").putInt(weight.rank());
    for (int i = weight.rank() - 1; i >= 0; i--) {
      header.putLong(weight.dim(i));
    }
    header.putInt(0).putLong(data.size());
    boolean rotated = layer.endsWith("q_proj") || layer.endsWith("k_proj");
    long rows = weight.dim(0);
    int row = (int) (weight.byteSize() / rows);
    for (long i = 0; i < rows; i++) {
      long inside = i % HEAD;
      long from = rotated ? i - inside + inside % 2 * (HEAD / 2) + inside / 2 : i;
      data.writeBytes(weight.data().asSlice(from * row, row).toArray(ValueLayout.JAVA_BYTE));
    }
    while (data.size() % 32 != 0) {
      data.write(0);
    }
  }

  private ByteBuffer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return header.putLong(bytes.length).put(bytes);
  }
}
