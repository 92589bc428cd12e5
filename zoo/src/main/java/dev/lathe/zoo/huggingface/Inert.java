package dev.lathe.zoo.huggingface;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What may stand in a checkpoint and changes no number of what the model computes for a text.
 *
 * @param fields fields of the config, whatever their value
 * @param tensors patterns of whole names of tensors, such as buffers that follow from the config
 */
record Inert(Set<String> fields, List<Pattern> tensors) {
  /** Nothing beyond what is inert in every family. */
  static final Inert NOTHING = new Inert(Set.of(), List.of());

  /**
   * Fields that say who wrote the file, how to train, or how to answer; what a model is asked to
   * give beside its answer; tokens that only generation knows.
   */
  private static final Set<String> EVERYWHERE =
      Set.of(
          "_name_or_path",
          "_commit_hash",
          "_attn_implementation",
          "_attn_implementation_autoset",
          "attn_implementation",
          "_experts_implementation",
          "architectures",
          "custom_pipelines",
          "model_type",
          "transformers_version",
          "transformers.js_config",
          "dtype",
          "torch_dtype",
          "torchscript",
          "use_bfloat16",
          "use_cache",
          "cache_implementation",
          "return_dict",
          "return_dict_in_generate",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "output_past",
          "output_router_logits",
          "initializer_range",
          "initializer_factor",
          "init_std",
          "attention_dropout",
          "attention_probs_dropout_prob",
          "hidden_dropout",
          "hidden_dropout_prob",
          "classifier_dropout",
          "resid_pdrop",
          "embd_pdrop",
          "attn_pdrop",
          "gradient_checkpointing",
          "pretraining_tp",
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "sep_token_id",
          "cls_token_id",
          "mask_token_id",
          "unk_token_id",
          "decoder_start_token_id",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "tokenizer_class",
          "prefix",
          "finetuning_task",
          "problem_type",
          "id2label",
          "label2id",
          "num_labels",
          "_num_labels",
          "task_specific_params",
          "language",
          "license",
          "unsloth_fixed",
          "unsloth_version",
          "max_length",
          "min_length",
          "max_new_tokens",
          "do_sample",
          "early_stopping",
          "num_beams",
          "num_beam_groups",
          "diversity_penalty",
          "temperature",
          "top_k",
          "top_p",
          "typical_p",
          "repetition_penalty",
          "length_penalty",
          "no_repeat_ngram_size",
          "encoder_no_repeat_ngram_size",
          "bad_words_ids",
          "num_return_sequences",
          "begin_suppress_tokens",
          "suppress_tokens",
          "exponential_decay_length_penalty",
          "remove_invalid_values");

  /** Fields that change nothing as long as they have one of these values. */
  private static final Map<String, Predicate<JsonNode>> AS_LONG_AS =
      Map.of(
          "add_cross_attention", Inert::isFalse,
          "cross_attention_hidden_size", JsonNode::isNull,
          "is_decoder", Inert::isFalse,
          "is_encoder_decoder", Inert::isFalse,
          "tie_encoder_decoder", Inert::isFalse,
          "pruned_heads", Inert::isEmpty,
          "per_layer_config", Inert::isEmpty,
          "chunk_size_feed_forward", found -> found.isNumber() && found.intValue() >= 0,
          "tie_last_hidden_states", JsonNode::isBoolean,
          "quantization_config", JsonNode::isNull);

  /** Nothing beyond fields with these names. */
  static Inert fields(String... names) {
    return new Inert(Set.of(names), List.of());
  }

  /** More of it: names of tensors, as patterns. */
  Inert tensors(String... patterns) {
    List<Pattern> all = new java.util.ArrayList<>(tensors);
    for (String pattern : patterns) {
      all.add(Pattern.compile(pattern));
    }
    return new Inert(fields, List.copyOf(all));
  }

  /** More of it: names of fields. */
  Inert and(String... names) {
    Set<String> all = new HashSet<>(fields);
    all.addAll(List.of(names));
    return new Inert(Set.copyOf(all), tensors);
  }

  boolean field(String key, JsonNode value) {
    Predicate<JsonNode> condition = AS_LONG_AS.get(key);
    return EVERYWHERE.contains(key)
        || fields.contains(key)
        || (condition != null && condition.test(value));
  }

  boolean tensor(String name) {
    return tensors.stream().anyMatch(pattern -> pattern.matcher(name).matches());
  }

  private static boolean isFalse(JsonNode found) {
    return found.isBoolean() && !found.booleanValue();
  }

  private static boolean isEmpty(JsonNode found) {
    return found.isContainer() && found.isEmpty();
  }
}
