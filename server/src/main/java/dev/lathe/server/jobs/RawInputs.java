package dev.lathe.server.jobs;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.Signature;
import dev.lathe.registry.TensorSpec;
import dev.lathe.train.DataRecipe;
import dev.lathe.train.Task;
import dev.lathe.train.TrainingResult;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The pipeline of a model that learned from pictures or texts: it takes files and texts as they are
 * and prepares them as training did, gives all that the model gives, and the names of the classes.
 */
final class RawInputs {
  private static final System.Logger LOG = System.getLogger(RawInputs.class.getName());
  private static final String TOKENIZER = "tokenizer.json";
  private static final String POSITIONS = "position_embeddings.weight";

  private final TrainingResult result;
  private final Signature model;
  private final Map<String, Object> steps = new LinkedHashMap<>();

  private RawInputs(TrainingResult result) {
    this.result = result;
    this.model = Signature.of(result.model());
  }

  /** The definition for {@code lathe.yaml}; empty where the model takes numbers anyway. */
  static Map<String, Object> pipeline(TrainingResult result) {
    try {
      RawInputs raw = new RawInputs(result);
      Map<String, Object> definition =
          switch (result.recipe().data()) {
            case DataRecipe.Images images -> raw.pictures(images);
            case DataRecipe.LabelledTexts texts -> raw.texts(texts);
            default -> Map.of();
          };
      if (!definition.isEmpty()) {
        Pipeline.parse(definition, "").signature(own -> raw.model, "");
      }
      return definition;
    } catch (LatheException e) {
      LOG.log(Level.WARNING, "released without a pipeline for raw input: " + e.getMessage());
      return Map.of();
    }
  }

  private Map<String, Object> pictures(DataRecipe.Images data) {
    List<Integer> shape = data.preparation().shape();
    boolean usual = shape.size() == 3 && (shape.getFirst() == 1 || shape.getFirst() == 3);
    if (!usual || model.inputs().size() != 1) {
      return Map.of();
    }
    Map<String, Object> image = new LinkedHashMap<>();
    image.put("kind", "image");
    image.put("inputs", "image");
    image.put("size", List.of(shape.get(1), shape.get(2)));
    image.put("color", shape.getFirst() == 1 ? "gray" : "rgb");
    image.put("fit", data.images().fit().key());
    steps.put("pixels", image);
    TensorSpec x = model.inputs().getFirst();
    String pixels = "pixels";
    if (x.shape().size() != 4) {
      steps.put(
          "shaped",
          Map.of(
              "kind",
              "reshape",
              "inputs",
              pixels,
              "shape",
              x.shape().subList(1, x.shape().size())));
      pixels = "shaped";
    }
    return definition("image", Map.of(x.name(), pixels));
  }

  private Map<String, Object> texts(DataRecipe.LabelledTexts data) {
    if (result.task() != Task.TEXT_CLASSIFICATION || !result.files().containsKey(TOKENIZER)) {
      return Map.of();
    }
    Map<String, Object> tokens = new LinkedHashMap<>();
    tokens.put("kind", "tokenizer");
    tokens.put("inputs", "text");
    tokens.put("max_length", longest(data.length()));
    steps.put("tokens", tokens);
    Map<String, String> inputs = new LinkedHashMap<>();
    for (TensorSpec input : model.inputs()) {
      boolean known =
          input.name().equals("attention_mask") || input.name().equals("token_type_ids");
      inputs.put(input.name(), "tokens." + (known ? input.name() : "input_ids"));
    }
    return definition("text", inputs);
  }

  /** A network with a table of positions takes no more tokens than the table has. */
  private int longest(int length) {
    Map<String, Tensor> weights = result.model().graph().initializers();
    return weights.entrySet().stream()
        .filter(weight -> weight.getKey().endsWith(POSITIONS))
        .mapToInt(weight -> (int) Math.min(length, weight.getValue().dim(0)))
        .min()
        .orElse(length);
  }

  private Map<String, Object> definition(String input, Map<String, String> wired) {
    steps.put("model", Map.of("kind", "model", "inputs", wired));
    Map<String, Object> outputs = new LinkedHashMap<>();
    for (TensorSpec output : model.outputs()) {
      outputs.put(output.name(), "model." + output.name());
      List<Long> shape = output.shape();
      boolean scores =
          output.name().equals("probabilities")
              && shape.size() == 2
              && shape.get(1) == result.labels().size();
      if (scores) {
        Map<String, Object> names = new LinkedHashMap<>();
        names.put("kind", "labels");
        names.put("inputs", "model." + output.name());
        steps.put("names", names);
        outputs.put("class", "names.labels");
      }
    }
    Map<String, Object> definition = new LinkedHashMap<>();
    definition.put(
        "inputs",
        Map.of(input, Map.of("datatype", "BYTES", "shape", new ArrayList<>(List.of(-1)))));
    definition.put("steps", steps);
    definition.put("outputs", outputs);
    return definition;
  }
}
