package dev.lathe.zoo.huggingface;

import dev.lathe.zoo.HuggingFace.Task;
import dev.lathe.zoo.huggingface.TextEncoder.Answer;
import dev.lathe.zoo.huggingface.TextEncoder.Form;
import dev.lathe.zoo.huggingface.TextEncoder.Head;
import dev.lathe.zoo.huggingface.TextEncoder.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The encoders: what each family's config says. Where a field is not there, what transformers takes
 * in its place holds.
 */
final class Encoders {
  /** Buffers that follow from the config; the second task of BERT's training. */
  private static final Inert INERT =
      Inert.fields(
              "dropout",
              "qa_dropout",
              "seq_classif_dropout",
              "sinusoidal_pos_embds",
              "layer_norm_type",
              "directionality",
              "pooler_fc_size",
              "pooler_num_attention_heads",
              "pooler_num_fc_layers",
              "pooler_size_per_head",
              "pooler_type",
              "sentence_transformers")
          .tensors("(\\w+\\.)?embeddings\\.position_ids", "(\\w+\\.)?embeddings\\.token_type_ids");

  /** What a model for masked tokens or spans may have beside, from training on pairs. */
  private static final Inert OF_TRAINING =
      INERT.tensors("cls\\.seq_relationship\\..*", "(\\w+\\.)?pooler\\.dense\\..*");

  static final List<Family> FAMILIES = families();

  private static final Range PADDING = new Range(0, 1 << 24);

  private Encoders() {}

  private static List<Family> families() {
    Map<String, String> classes = new LinkedHashMap<>();
    classes.put("bert", "Bert");
    classes.put("roberta", "Roberta");
    classes.put("xlm-roberta", "XLMRoberta");
    classes.put("camembert", "Camembert");
    classes.put("distilbert", "DistilBert");
    List<Family> all = new ArrayList<>();
    classes.forEach(
        (type, name) -> {
          BiFunction<Config, Answer, Plan> reader =
              switch (type) {
                case "bert" -> Encoders::bert;
                case "distilbert" -> Encoders::distilBert;
                default -> Encoders::roberta;
              };
          for (Answer answer : Answer.values()) {
            Inert inert =
                answer == Answer.FEATURES || answer == Answer.SEQUENCE ? INERT : OF_TRAINING;
            all.add(
                new Family(
                    type,
                    name + ending(answer),
                    task(answer),
                    inert,
                    config -> reader.apply(config, answer)));
          }
        });
    return List.copyOf(all);
  }

  private static String ending(Answer answer) {
    return switch (answer) {
      case FEATURES -> "Model";
      case SEQUENCE -> "ForSequenceClassification";
      case TOKENS -> "ForTokenClassification";
      case SPAN -> "ForQuestionAnswering";
      case MASKED -> "ForMaskedLM";
    };
  }

  private static Task task(Answer answer) {
    return switch (answer) {
      case FEATURES -> Task.FEATURE_EXTRACTION;
      case SEQUENCE -> Task.TEXT_CLASSIFICATION;
      case TOKENS -> Task.TOKEN_CLASSIFICATION;
      case SPAN -> Task.QUESTION_ANSWERING;
      case MASKED -> Task.FILL_MASK;
    };
  }

  private static Plan bert(Config config, Answer answer) {
    config.only("position_embedding_type", "\"absolute\"");
    Sizes sizes = sizes(config, 512, 2);
    Form form = form(config, -1);
    return new TextEncoder(sizes, form, EncoderWords.BERT, head(config, answer));
  }

  private static Plan roberta(Config config, Answer answer) {
    config.only("position_embedding_type", "\"absolute\"");
    Sizes sizes = sizes(config, 512, 2);
    int padding = config.count("pad_token_id", PADDING).orElse(1);
    Form form = form(config, padding);
    return new TextEncoder(sizes, form, EncoderWords.ROBERTA, head(config, answer));
  }

  private static Sizes sizes(Config config, int usualPlaces, int usualTypes) {
    return new Sizes(
        config.required("vocab_size", Range.VOCABULARY),
        config.count("max_position_embeddings", Range.TOKENS).orElse(usualPlaces),
        config.count("type_vocab_size", Range.FEATURES).orElse(usualTypes),
        config.required("hidden_size", Range.FEATURES),
        config.required("intermediate_size", Range.FEATURES));
  }

  private static Form form(Config config, int padding) {
    int width = config.required("hidden_size", Range.FEATURES);
    int heads = config.required("num_attention_heads", Range.HEADS);
    Transducers.requireHeads(config, "num_attention_heads", heads, width);
    return new Form(
        config.required("num_hidden_layers", Range.LAYERS),
        heads,
        Activations.named(config, "hidden_act", "gelu"),
        config.positive("layer_norm_eps").orElse(1e-12),
        padding);
  }

  private static Plan distilBert(Config config, Answer answer) {
    int width = config.required("dim", Range.FEATURES);
    Sizes sizes =
        new Sizes(
            config.required("vocab_size", Range.VOCABULARY),
            config.count("max_position_embeddings", Range.TOKENS).orElse(512),
            0,
            width,
            config.required("hidden_dim", Range.FEATURES));
    int heads = config.required("n_heads", Range.HEADS);
    Transducers.requireHeads(config, "n_heads", heads, width);
    Form form =
        new Form(
            config.required("n_layers", Range.LAYERS),
            heads,
            Activations.named(config, "activation", "gelu"),
            1e-12,
            -1);
    return new TextEncoder(sizes, form, EncoderWords.DISTILBERT, head(config, answer));
  }

  private static Head head(Config config, Answer answer) {
    int labels = answer == Answer.SPAN ? 2 : labels(config);
    return new Head(answer, labels, config.flag("tie_word_embeddings", true));
  }

  /** As many as have names, or as a number says; two if nothing is said. */
  static int labels(Config config) {
    int counted = config.count("num_labels", Range.LABELS).orElse(2);
    return config
        .part("id2label")
        .map(
            names -> {
              names.keys().forEach(names::text);
              return names.keys().size();
            })
        .filter(count -> count > 0)
        .orElse(counted);
  }
}
