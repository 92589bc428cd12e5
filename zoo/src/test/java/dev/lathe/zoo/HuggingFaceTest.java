package dev.lathe.zoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Checker;
import dev.lathe.onnx.OnnxFile;
import dev.lathe.onnx.Safetensors;
import dev.lathe.zoo.HuggingFace.Task;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read from a folder, and what is refused. */
class HuggingFaceTest {
  private static final Llama LLAMA =
      new Llama(20, 32, new Llama.Size(8, 16, 1, 2, 1), Llama.Constants.STANDARD, Gpt.Head.OWN);

  @TempDir private Path folder;
  private final Map<String, Tensor> weights =
      new LinkedHashMap<>(LLAMA.build(7).graph().initializers());

  @BeforeEach
  void writeConfig() throws IOException {
    Files.writeString(folder.resolve("config.json"), LLAMA.files().get("config.json"));
  }

  @Test
  void ownLlama_isReadBackWithItsWeights() {
    write();
    HuggingFace read = HuggingFace.read(folder);
    assertThat(read.task()).isEqualTo(Task.TEXT_GENERATION);
    assertThat(read.architecture()).isEqualTo("LlamaForCausalLM");
    assertThat(read.files()).containsExactly(folder.resolve("config.json"));
    assertThat(Checker.check(read.model())).isEmpty();
    Map<String, Tensor> found = read.model().graph().initializers();
    assertThat(found.keySet()).containsExactlyInAnyOrderElementsOf(weights.keySet());
    found.forEach((name, tensor) -> assertThat(tensor.sameContent(weights.get(name))).isTrue());
  }

  @Test
  void narrowWeights_becomeFloat() {
    weights.replaceAll(
        (_, tensor) -> Tensor.ofValues(ElementType.BFLOAT16, tensor.toDoubles(), tensor.dims()));
    write();
    Map<String, Tensor> found = HuggingFace.read(folder).model().graph().initializers();
    found.forEach(
        (name, tensor) -> {
          assertThat(tensor.type()).isEqualTo(ElementType.FLOAT);
          assertThat(tensor.toDoubles()).containsExactly(weights.get(name).toDoubles());
        });
  }

  @Test
  void largeNarrowWeights_becomeFloatInAFile() throws IOException {
    Llama llama =
        new Llama(9000, 32, new Llama.Size(8, 16, 1, 2, 1), Llama.Constants.STANDARD, Gpt.Head.OWN);
    weights.putAll(llama.build(3).graph().initializers());
    weights.replaceAll(
        (_, tensor) -> Tensor.ofValues(ElementType.BFLOAT16, tensor.toDoubles(), tensor.dims()));
    write();
    Files.writeString(folder.resolve("config.json"), llama.files().get("config.json"));
    Path wide = folder.resolve("wide.bin");
    Map<String, Tensor> found = HuggingFace.read(folder, wide).model().graph().initializers();
    assertThat(wide).hasSize(2 * 9000 * 8 * 4 + 4096 - 9000 * 8 * 4 % 4096);
    found.forEach(
        (name, tensor) ->
            assertThat(tensor.toDoubles()).containsExactly(weights.get(name).toDoubles()));
  }

  @Test
  void halves_becomeFloat() {
    weights.replaceAll(
        (_, tensor) -> Tensor.ofValues(ElementType.FLOAT16, tensor.toDoubles(), tensor.dims()));
    write();
    Map<String, Tensor> found = HuggingFace.read(folder).model().graph().initializers();
    found.forEach(
        (name, tensor) ->
            assertThat(tensor.toDoubles()).containsExactly(weights.get(name).toDoubles()));
  }

  @Test
  void manyFiles_areJoinedByTheirIndex() throws IOException {
    writeShards("b.safetensors");
    assertThat(HuggingFace.read(folder).model().graph().initializers()).hasSize(weights.size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../b.safetensors", "/etc/passwd", "x/b.safetensors", "b.bin", "..safetensors"})
  void fileOutsideTheFolder_isRefused(String name) throws IOException {
    writeShards(name);
    assertRefused(ZooError.BAD_WEIGHTS, "model.safetensors.index.json: file \"" + name + "\"");
  }

  @Test
  void tensorInAnotherFileThanTheIndexSays_isRefused() throws IOException {
    writeShards("b.safetensors");
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index,
        Files.readString(index)
            .replace(
                "\"lm_head.weight\":\"b.safetensors\"", "\"lm_head.weight\":\"a.safetensors\""));
    assertRefused(ZooError.BAD_WEIGHTS, "lm_head.weight");
  }

  @Test
  void missingTensor_isRefusedByName() {
    weights.remove("model.layers.0.mlp.up_proj.weight");
    write();
    assertRefused(
        ZooError.BAD_WEIGHTS,
        "tensor \"model.layers.0.mlp.up_proj.weight\": missing (expected: [16, 8])");
  }

  @Test
  void tensorOfAnotherShape_isRefused() {
    weights.put("model.norm.weight", Tensor.zeros(ElementType.FLOAT, 9));
    write();
    assertRefused(ZooError.BAD_WEIGHTS, "tensor \"model.norm.weight\": shape [9] (expected: [8])");
  }

  @Test
  void tensorThatNothingReads_isRefused() {
    weights.put("model.layers.0.self_attn.gate.weight", Tensor.zeros(ElementType.FLOAT, 8));
    write();
    assertRefused(
        ZooError.UNSUPPORTED,
        "tensor \"model.layers.0.self_attn.gate.weight\" FLOAT[8] belongs to");
  }

  @Test
  void wholeNumbersAsWeights_areRefused() {
    weights.put("model.norm.weight", Tensor.zeros(ElementType.INT8, 8));
    write();
    assertRefused(ZooError.UNSUPPORTED, "tensor \"model.norm.weight\": INT8");
  }

  @Test
  void buffersThatFollowFromTheConfig_arePassedOver() {
    weights.put("model.layers.0.self_attn.rotary_emb.inv_freq", Tensor.zeros(ElementType.FLOAT, 2));
    write();
    assertThat(HuggingFace.read(folder).model().graph().initializers()).hasSize(weights.size() - 1);
  }

  /** As transformers 4 wrote it, and as transformers 5 does. */
  @Test
  void rotationsOfBothTimes_areTheSame() throws IOException {
    write();
    String usual = Files.readString(folder.resolve("config.json"));
    String before =
        usual.replace(
            "\"rope_theta\": 10000.0,",
            "\"rope_theta\": 500.0, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0},");
    String now =
        usual.replace(
            "\"rope_theta\": 10000.0,",
            "\"rope_parameters\": {\"rope_type\": \"linear\", \"factor\": 2.0,"
                + " \"rope_theta\": 500.0},");
    assertThat(before).isNotEqualTo(usual).isNotEqualTo(now);
    assertThat(drawn(before)).isEqualTo(drawn(now)).isNotEqualTo(drawn(usual));
  }

  private byte[] drawn(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), config);
    return OnnxFile.toBytes(HuggingFace.read(folder).model());
  }

  @Test
  void headThatDiffersFromTheTableThatItIsTiedTo_isRefused() throws IOException {
    change(text -> text.replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
    write();
    assertRefused(ZooError.BAD_WEIGHTS, "tensor \"lm_head.weight\" differs from");
    weights.put("lm_head.weight", weights.get("model.embed_tokens.weight"));
    write();
    assertThat(HuggingFace.read(folder).model().graph().initializers())
        .doesNotContainKey("lm_head.weight");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"model_type\": \"llama\"|\"model_type\": \"mamba\"|UNSUPPORTED|config.json: model_type: \"mamba\" (supported: ",
        "LlamaForCausalLM|LlamaForTokenClassification|UNSUPPORTED|architectures: \"LlamaForTokenClassification\" (supported of llama: LlamaForCausalLM)",
        "\"dtype\"|\"clip_qkv\": 3, \"dtype\"|UNSUPPORTED|config.json: clip_qkv: 3 (nothing is known of this field",
        "\"dtype\"|\"auto_map\": {\"AutoModelForCausalLM\": \"modeling.MyForCausalLM\"}, \"dtype\"|UNSUPPORTED|config.json: auto_map: AutoModelForCausalLM: \"MyForCausalLM\" (the checkpoint brings Python code of its own",
        "\"dtype\"|\"auto_map\": 3, \"dtype\"|BAD_CONFIG|config.json: auto_map: 3 (expected: an object)",
        "\"dtype\"|\"quantization_config\": {\"bits\": 4}, \"dtype\"|UNSUPPORTED|config.json: quantization_config: {\"bits\":4}",
        "\"dtype\"|\"rope_scaling\": {\"type\": \"spiral\"}, \"dtype\"|UNSUPPORTED|rope_scaling: rope_type: \"spiral\" (supported: default, linear",
        "\"dtype\"|\"rope_scaling\": {\"type\": \"linear\"}, \"dtype\"|BAD_CONFIG|rope_scaling: factor: missing",
        "\"dtype\"|\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2, \"phase\": 1}, \"dtype\"|UNSUPPORTED|rope_scaling: phase: 1",
        "\"dtype\"|\"rope_scaling\": {\"type\": \"longrope\", \"short_factor\": [1], \"long_factor\": [1]}, \"dtype\"|BAD_CONFIG|short_factor: 1 numbers (expected: 2",
        "\"dtype\"|\"partial_rotary_factor\": 0.3, \"dtype\"|BAD_CONFIG|partial_rotary_factor: 0.3 of 4 features",
        "\"hidden_act\": \"silu\"|\"hidden_act\": \"snake\"|UNSUPPORTED|hidden_act: \"snake\" (supported: gelu",
        "\"num_hidden_layers\": 1|\"num_hidden_layers\": 100000|BAD_CONFIG|num_hidden_layers: 100000 (expected: a whole number, 1 to 1024)",
        "\"num_hidden_layers\": 1|\"num_hidden_layers\": \"1\"|BAD_CONFIG|num_hidden_layers: \"1\" (expected: a whole number",
        "\"num_key_value_heads\": 1|\"num_key_value_heads\": 3|BAD_CONFIG|num_key_value_heads: 3 (expected: a divisor",
        "\"hidden_size\": 8,||BAD_CONFIG|hidden_size: missing (expected: a whole number",
        "\"attention_bias\": false|\"attention_bias\": \"no\"|BAD_CONFIG|attention_bias: \"no\" (expected: true or false)",
        "\"dtype\"|dtype|BAD_CONFIG|config.json: no JSON",
      })
  void configThatIsNotUnderstood_isRefused(
      String part, String replacement, ZooError code, String message) throws IOException {
    change(
        text ->
            text.replaceFirst(
                java.util.regex.Pattern.quote(part),
                java.util.regex.Matcher.quoteReplacement(
                    String.valueOf(replacement).replace("null", ""))));
    write();
    assertRefused(code, message);
  }

  /** As files on the hub say it: such a config gets as far as its weights. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'architectures':['LlamaForCausalLM'],'model_type':'llama','is_llama_config':true,"
            + "'rope_interleaved':false,'hidden_size':576,'intermediate_size':1536,"
            + "'num_hidden_layers':30,'num_attention_heads':9,'num_key_value_heads':3,"
            + "'max_position_embeddings':8192,'rope_theta':100000,'rope_scaling':null,"
            + "'tie_word_embeddings':true,'vocab_size':49152,'transformers.js_config':{}",
        "'architectures':['Gemma2ForCausalLM'],'model_type':'gemma2','cache_implementation':'hybrid',"
            + "'attention_bias':false,'head_dim':256,'hidden_act':'gelu_pytorch_tanh',"
            + "'hidden_activation':'gelu_pytorch_tanh','hidden_size':2304,'intermediate_size':9216,"
            + "'num_hidden_layers':26,'num_attention_heads':8,'num_key_value_heads':4,"
            + "'query_pre_attn_scalar':256,'sliding_window':4096,'sliding_window_size':4096,"
            + "'rope_theta':10000.0,'vocab_size':256000,'max_position_embeddings':8192",
        "'architectures':['Gemma3ForConditionalGeneration'],'model_type':'gemma3',"
            + "'boi_token_index':255999,'eoi_token_index':256000,'eos_token_id':[1,106],"
            + "'image_token_index':262144,'mm_tokens_per_image':256,'torch_dtype':'bfloat16',"
            + "'vision_config':{'model_type':'siglip_vision_model'},'text_config':{"
            + "'model_type':'gemma3_text','hidden_size':2560,'intermediate_size':10240,"
            + "'num_hidden_layers':34,'sliding_window':1024,"
            + "'rope_scaling':{'factor':8.0,'rope_type':'linear'}}",
        "'architectures':['Phi3ForCausalLM'],'model_type':'phi3',"
            + "'auto_map':{'AutoConfig':'configuration_phi3.Phi3Config',"
            + "'AutoModelForCausalLM':'modeling_phi3.Phi3ForCausalLM'},'embd_pdrop':0.0,"
            + "'attention_bias':false,'mlp_bias':false,'lm_head_bias':false,'full_attn_mod':1,"
            + "'interpolate_factor':1,'hidden_size':32,'intermediate_size':64,'num_hidden_layers':1,"
            + "'num_attention_heads':2,'num_key_value_heads':1,'max_position_embeddings':131072,"
            + "'original_max_position_embeddings':4096,'partial_rotary_factor':0.75,"
            + "'rope_scaling':{'type':'longrope','short_factor':[1,1,1,1,1,1],"
            + "'long_factor':[2,2,2,2,2,2]},'sliding_window':262144,'vocab_size':200064",
        "'model_type':'gpt2','n_ctx':1024,'n_embd':768,'n_head':12,'n_layer':12,'n_positions':1024,"
            + "'summary_type':'cls_index','_num_labels':1,'vocab_size':50257,"
            + "'task_specific_params':{'text-generation':{'do_sample':true}}",
        "'architectures':['Qwen2ForCausalLM'],'model_type':'qwen2','use_mrope':false,"
            + "'hidden_size':896,'intermediate_size':4864,'num_hidden_layers':24,"
            + "'num_attention_heads':14,'num_key_value_heads':2,'max_position_embeddings':32768,"
            + "'max_window_layers':21,'sliding_window':32768,'use_sliding_window':false,"
            + "'rope_theta':1000000.0,'tie_word_embeddings':true,'vocab_size':151936"
      })
  void configOfTheHub_isUnderstood(String config) throws IOException {
    Files.writeString(folder.resolve("config.json"), "{" + config.replace('\'', '"') + "}");
    write();
    assertRefused(ZooError.BAD_WEIGHTS, "");
  }

  @Test
  void foldersWithoutWhatIsNeeded_areRefused() throws IOException {
    assertRefused(ZooError.NO_FILE, "no model.safetensors and no model.safetensors.index.json");
    Files.writeString(folder.resolve("pytorch_model.bin"), "");
    assertRefused(ZooError.NO_FILE, "pickle");
    Files.delete(folder.resolve("config.json"));
    assertRefused(ZooError.NO_FILE, "config.json: no such file");
    assertThatThrownBy(() -> HuggingFace.read(folder.resolve("nowhere")))
        .hasMessageContaining("no such folder");
  }

  private void change(UnaryOperator<String> change) throws IOException {
    Path config = folder.resolve("config.json");
    String before = Files.readString(config);
    String after = change.apply(before);
    assertThat(after).isNotEqualTo(before);
    Files.writeString(config, after);
  }

  private void write() {
    Safetensors.write(folder.resolve("model.safetensors"), weights, Map.of("format", "pt"));
  }

  private void writeShards(String second) throws IOException {
    Map<String, Tensor> a = new LinkedHashMap<>();
    Map<String, Tensor> b = new LinkedHashMap<>();
    StringBuilder index = new StringBuilder("{\"metadata\":{\"total_size\":1},\"weight_map\":{");
    weights.forEach(
        (name, tensor) -> {
          boolean first = name.startsWith("model.layers.");
          (first ? a : b).put(name, tensor);
          String file = first ? "a.safetensors" : second;
          index.append('"').append(name).append("\":\"").append(file).append("\",");
        });
    index.setCharAt(index.length() - 1, '}');
    Files.writeString(folder.resolve("model.safetensors.index.json"), index + "}");
    Safetensors.write(folder.resolve("a.safetensors"), a, Map.of());
    Safetensors.write(folder.resolve("b.safetensors"), b, Map.of());
  }

  private void assertRefused(ZooError code, String message) {
    assertThatThrownBy(() -> HuggingFace.read(folder))
        .isInstanceOfSatisfying(LatheException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }
}
