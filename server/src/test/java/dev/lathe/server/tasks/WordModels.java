package dev.lathe.server.tasks;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Folders of models whose answers follow from the words that they read. */
final class WordModels {
  /** Words by number; the first are special. */
  static final List<String> WORDS =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "what", "colour", "has", "the", "sky", "blue",
          "today", "in", "paris", "new", "york", "good", "bad", "fine", "##s", "is");

  private static final int WIDTH = 4;

  private WordModels() {}

  /** Numbers of a word for the model. */
  @FunctionalInterface
  interface Table {
    float[] of(String word);
  }

  /** A model whose output tells numbers of each token: [N, T, K], or its sum over tokens [N, K]. */
  record Form(String output, int numbers, Sum sum) {}

  /** Whether numbers of tokens are summed to those of a text. */
  enum Sum {
    TOKENS,
    TEXT,
    PAIR
  }

  static Path words(Path folder, String config, Form form, Table table) {
    GraphBuilder graph = new GraphBuilder("words");
    List<String> outputs = List.of(form.output());
    String numbers = numbers(graph, form, table);
    graph.append(Node.of("Identity", List.of(numbers), outputs));
    List<Dim> dims = new ArrayList<>(List.of(Dim.of("N")));
    if (form.sum() == Sum.TOKENS) {
      dims.add(Dim.of("T"));
    }
    dims.add(Dim.of(form.numbers()));
    graph.output(form.output(), ElementType.FLOAT, Shape.of(dims));
    return write(folder, config, Model.of(graph.build()));
  }

  /** A model of spans: a table of the two scores of each word. */
  static Path spans(Path folder, String config, Table table) {
    GraphBuilder graph = new GraphBuilder("spans");
    String numbers = numbers(graph, new Form("", 2, Sum.TOKENS), table);
    graph.append(
        Node.of("Split", List.of(numbers), List.of("first", "second"))
            .with("axis", Attribute.of(2L))
            .with("num_outputs", Attribute.of(2L)));
    String last =
        graph.add("Constant", Map.of("value", Attribute.of(Tensor.ofLongs(new long[] {2}, 1))));
    for (String side : List.of("start_logits first", "end_logits second")) {
      String[] names = side.split(" ");
      graph.append(Node.of("Squeeze", List.of(names[1], last), List.of(names[0])));
      graph.output(names[0], ElementType.FLOAT, tokens());
    }
    return write(folder, config, Model.of(graph.build()));
  }

  private static Shape tokens() {
    return Shape.of(List.of(Dim.of("N"), Dim.of("T")));
  }

  private static String numbers(GraphBuilder graph, Form form, Table table) {
    String ids = graph.input("input_ids", ElementType.INT64, tokens());
    String mask = graph.input("attention_mask", ElementType.INT64, tokens());
    String types = graph.input("token_type_ids", ElementType.INT64, tokens());
    int numbers = form.numbers();
    float[] all = new float[WORDS.size() * numbers];
    for (int i = 0; i < WORDS.size(); i++) {
      System.arraycopy(table.of(WORDS.get(i)), 0, all, i * numbers, numbers);
    }
    String weights = graph.initializer("table", Tensor.ofFloats(all, WORDS.size(), numbers));
    String rows = graph.add("Gather", weights, ids);
    String counted = form.sum() == Sum.PAIR ? graph.add("Mul", mask, types) : mask;
    String used =
        graph.add("Cast", Map.of("to", Attribute.of((long) ElementType.FLOAT.code())), counted);
    String axis =
        graph.add("Constant", Map.of("value", Attribute.of(Tensor.ofLongs(new long[] {2}, 1))));
    String kept = graph.add("Mul", rows, graph.add("Unsqueeze", used, axis));
    if (form.sum() == Sum.TOKENS) {
      return kept;
    }
    String one =
        graph.add("Constant", Map.of("value", Attribute.of(Tensor.ofLongs(new long[] {1}, 1))));
    return graph.add("ReduceSum", Map.of("keepdims", Attribute.of(0L)), kept, one);
  }

  private static Path write(Path folder, String config, Model model) {
    try {
      Files.createDirectories(folder);
      OnnxFile.write(model.withOpset("", 21), folder.resolve("model.onnx"));
      Files.writeString(folder.resolve("config.json"), config);
      Files.writeString(folder.resolve("tokenizer.json"), tokenizer());
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A tokenizer of whole words, and of their endings. */
  static String tokenizer() {
    StringBuilder words = new StringBuilder();
    StringBuilder special = new StringBuilder();
    for (int i = 0; i < WORDS.size(); i++) {
      words.append(i == 0 ? "" : ", ").append('"').append(WORDS.get(i)).append("\": ").append(i);
      if (i < WIDTH) {
        special
            .append(i == 0 ? "" : ", ")
            .append(
                "{\"id\": %d, \"content\": \"%s\", \"special\": true,".formatted(i, WORDS.get(i)))
            .append(" \"single_word\": false, \"lstrip\": false, \"rstrip\": false,")
            .append(" \"normalized\": false}");
      }
    }
    return """
        {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [%s],
         "normalizer": {"type": "BertNormalizer", "clean_text": true,
           "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
         "pre_tokenizer": {"type": "BertPreTokenizer"},
         "post_processor": {"type": "TemplateProcessing",
           "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
           "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
             {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
             {"Sequence": {"id": "B", "type_id": 1}}, {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
           "special_tokens": {
             "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
             "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
         "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
         "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
           "max_input_chars_per_word": 100, "vocab": {%s}}}
        """
        .formatted(special, words);
  }
}
