package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Gguf;
import dev.lathe.zoo.ZooError;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The tensors of a GGUF file under the names, and in the order of rows, that transformers has. */
final class GgufTensors {
  private static final Map<String, String> LLAMA =
      Map.ofEntries(
          Map.entry("token_embd", "model.embed_tokens"),
          Map.entry("output_norm", "model.norm"),
          Map.entry("output", "lm_head"),
          Map.entry("attn_norm", "input_layernorm"),
          Map.entry("attn_q", "self_attn.q_proj"),
          Map.entry("attn_k", "self_attn.k_proj"),
          Map.entry("attn_v", "self_attn.v_proj"),
          Map.entry("attn_qkv", "self_attn.qkv_proj"),
          Map.entry("attn_output", "self_attn.o_proj"),
          Map.entry("attn_q_norm", "self_attn.q_norm"),
          Map.entry("attn_k_norm", "self_attn.k_norm"),
          Map.entry("ffn_norm", "post_attention_layernorm"),
          Map.entry("ffn_gate", "mlp.gate_proj"),
          Map.entry("ffn_up", "mlp.up_proj"),
          Map.entry("ffn_down", "mlp.down_proj"));

  private static final Map<String, String> GEMMA =
      with(
          LLAMA,
          Map.of(
              "post_attention_norm", "post_attention_layernorm",
              "ffn_norm", "pre_feedforward_layernorm",
              "post_ffw_norm", "post_feedforward_layernorm"));

  private static final Map<String, String> PHI = with(LLAMA, Map.of("ffn_up", "mlp.gate_up_proj"));

  private static final Map<String, String> GPT2 =
      Map.ofEntries(
          Map.entry("token_embd", "transformer.wte"),
          Map.entry("position_embd", "transformer.wpe"),
          Map.entry("output_norm", "transformer.ln_f"),
          Map.entry("output", "lm_head"),
          Map.entry("attn_norm", "ln_1"),
          Map.entry("attn_qkv", "attn.c_attn"),
          Map.entry("attn_output", "attn.c_proj"),
          Map.entry("ffn_norm", "ln_2"),
          Map.entry("ffn_up", "mlp.c_fc"),
          Map.entry("ffn_down", "mlp.c_proj"));

  /** Tensors that are factors of rotary positions and no weights. */
  static final Set<String> FACTORS =
      Set.of("rope_freqs.weight", "rope_factors_long.weight", "rope_factors_short.weight");

  private GgufTensors() {}

  private static Map<String, String> with(Map<String, String> usual, Map<String, String> other) {
    Map<String, String> all = new HashMap<>(usual);
    all.putAll(other);
    return Map.copyOf(all);
  }

  /**
   * All tensors but the factors.
   *
   * @param gguf the file
   * @param architecture the file's architecture
   * @param heads heads of queries, and of keys
   */
  static Map<String, Stored> named(Gguf gguf, String architecture, Heads heads) {
    Map<String, Stored> tensors = new LinkedHashMap<>();
    gguf.tensors()
        .forEach(
            (name, packed) -> {
              if (!FACTORS.contains(name)) {
                Stored stored = ordered(name, Stored.of(packed), architecture, heads);
                tensors.put(nameOf(name, architecture), stored);
              }
            });
    return tensors;
  }

  /** How many heads queries and keys have. */
  record Heads(int queries, int keys) {}

  private static String nameOf(String name, String architecture) {
    Map<String, String> names =
        switch (architecture) {
          case "gpt2" -> GPT2;
          case "gemma2", "gemma3" -> GEMMA;
          case "phi3" -> PHI;
          default -> LLAMA;
        };
    String[] parts = name.split("\\.", -1);
    boolean inBlock = parts.length == 4 && parts[0].equals("blk");
    String known = names.get(parts[inBlock ? 2 : 0]);
    if (known == null || !(inBlock || parts.length == 2)) {
      throw new LatheException(
          ZooError.UNSUPPORTED,
          "gguf: tensor \""
              + name
              + "\" is none of "
              + architecture
              + " (expected: no such tensor)");
    }
    String block = architecture.equals("gpt2") ? "transformer.h." : "model.layers.";
    return (inBlock ? block + parts[1] + "." : "") + known + "." + parts[parts.length - 1];
  }

  /**
   * In files of Llama and Granite, rows of queries and keys lie as rotation pairs neighbours; in
   * those of GPT-2 matrices lie as [outputs, inputs].
   */
  private static Stored ordered(String name, Stored stored, String architecture, Heads heads) {
    boolean paired = architecture.equals("llama") || architecture.equals("granite");
    if (paired && (name.contains(".attn_q.") || name.contains(".attn_k."))) {
      int count = name.contains(".attn_q.") ? heads.queries() : heads.keys();
      return new Reordered(stored, stored.dims(), (from, to) -> separate(from, to, count));
    }
    if (architecture.equals("gpt2") && name.startsWith("blk.") && stored.dims().length == 2) {
      return new Turned(stored);
    }
    return stored;
  }

  /** Moves numbers. */
  private interface Moving {
    void move(Tensor from, Tensor to);
  }

  /** A tensor with its numbers in another order. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Reordered(Stored stored, long[] dims, Moving moving) implements Stored {
    @Override
    public String type() {
      return stored.type();
    }

    @Override
    public Tensor read(Widen widen) {
      Tensor to = widen.room(dims);
      moving.move(stored.read(Widen.inMemory()), to);
      return to;
    }
  }

  /** Row 2k + j of a head becomes its row j · D/2 + k. */
  private static void separate(Tensor from, Tensor to, int heads) {
    long rows = from.dim(0);
    long head = rows / heads;
    if (rows % heads != 0 || head % 2 != 0) {
      throw Weights.bad("gguf: " + rows + " rows of queries or keys for " + heads + " heads");
    }
    long bytes = from.byteSize() / rows;
    for (long row = 0; row < rows; row++) {
      long inside = row % head;
      long place = row - inside + inside % 2 * (head / 2) + inside / 2;
      MemorySegment.copy(from.data(), row * bytes, to.data(), place * bytes, bytes);
    }
  }
}
