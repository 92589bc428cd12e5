package dev.lathe.registry;

import dev.lathe.registry.StepKey.Form.Choice;
import dev.lathe.registry.StepKey.Form.Flag;
import dev.lathe.registry.StepKey.Form.Real;
import dev.lathe.registry.StepKey.Form.Reals;
import dev.lathe.registry.StepKey.Form.Text;
import dev.lathe.registry.StepKey.Form.Texts;
import dev.lathe.registry.StepKey.Form.Whole;
import dev.lathe.registry.StepKey.Form.Wholes;
import java.util.List;
import java.util.Locale;

/** What a step of a pipeline does: the table of all kinds, their inputs, outputs and settings. */
public enum StepKind {
  /** Another model, or the version's own; its inputs and outputs are those of the model. */
  MODEL(
      List.of(),
      List.of(),
      new StepKey(
          "model",
          new Text(),
          "",
          "namespace/name@v3, or @ and an environment; without it this version's model.onnx")),
  /** PNG or JPEG files to numbers of one shape. */
  IMAGE(
      List.of("image"),
      List.of("pixels"),
      new StepKey("size", new Wholes(2, 2, 1, 8192), List.of(), "height and width"),
      new StepKey("color", new Choice("rgb", "bgr", "gray"), "rgb", "channels and their order"),
      new StepKey(
          "fit",
          new Choice("crop", "stretch"),
          "crop",
          "whether the middle of the right proportions is resized, or all"),
      new StepKey(
          "resize",
          new Whole(0, 8192),
          0L,
          "the short side is resized to this first and the middle cut out then; 0: not so"),
      new StepKey("scale", new Real(), 1.0, "factor on the numbers of 0 to 255"),
      new StepKey("mean", new Reals(0, 3), List.of(), "taken off after the factor, by channel"),
      new StepKey("std", new Reals(0, 3), List.of(), "divided by after that, by channel"),
      new StepKey("layout", new Choice("nchw", "nhwc"), "nchw", "order of the axes"),
      new StepKey("datatype", new Choice("FP32", "UINT8"), "FP32", "of the numbers"),
      new StepKey("max_pixels", new Whole(1, 1 << 25), 1L << 25, "the most pixels of a file"),
      new StepKey("max_images", new Whole(1, 1024), 64L, "the most images of a request")),
  /** Texts to whole numbers by a tokenizer.json of the version. */
  TOKENIZER(
      List.of("text"),
      List.of("input_ids", "attention_mask", "token_type_ids"),
      new StepKey("file", new Text(), "tokenizer.json", "the file's path in the version"),
      new StepKey("max_length", new Whole(1, 1 << 20), 512L, "the most tokens of a text"),
      new StepKey(
          "max_characters", new Whole(1, 1 << 24), 100_000L, "the most characters of a text"),
      new StepKey("max_texts", new Whole(1, 4096), 256L, "the most texts of a request"),
      new StepKey(
          "truncation", new Flag(), true, "whether more tokens are cut off, or else refused"),
      new StepKey(
          "padding",
          new Choice("longest", "full"),
          "longest",
          "whether texts are filled up to the longest beside them, or to max_length"),
      new StepKey("datatype", new Choice("INT64", "INT32"), "INT64", "of the numbers")),
  /** The classes of the highest scores, by name. */
  LABELS(
      List.of("scores"),
      List.of("labels", "scores", "indices"),
      new StepKey("top", new Whole(1, 1000), 1L, "how many classes"),
      new StepKey(
          "apply",
          new Choice("none", "softmax", "sigmoid"),
          "none",
          "what makes probabilities of the scores first"),
      new StepKey(
          "labels", new Texts(1 << 16), List.of(), "names by index; else the version's labels")),
  /** Whether each score is at least so large. */
  THRESHOLD(
      List.of("scores"),
      List.of("above"),
      new StepKey("at", new Real(), 0.5, "the least score that counts")),
  /** Probabilities of scores, along the last axis. */
  SOFTMAX(List.of("scores"), List.of("probabilities")),
  /** A probability of each score. */
  SIGMOID(List.of("scores"), List.of("probabilities")),
  /** Several tensors side by side. */
  CONCAT(
      List.of(),
      List.of("joined"),
      new StepKey("axis", new Whole(-8, 7), -1L, "along which axis; not the first")),
  /** The mean of several tensors, element by element. */
  AVERAGE(
      List.of(),
      List.of("mean"),
      new StepKey("weights", new Reals(0, 32), List.of(), "one for each; else all count the same")),
  /** The same elements in another shape. */
  RESHAPE(
      List.of("x"),
      List.of("x"),
      new StepKey(
          "shape", new Wholes(1, 7, 1, 1 << 24), List.of(), "sizes of all axes but the first"));

  private final List<String> inputs;
  private final List<String> outputs;
  private final List<StepKey> keys;

  StepKind(List<String> inputs, List<String> outputs, StepKey... keys) {
    this.inputs = inputs;
    this.outputs = outputs;
    this.keys = List.of(keys);
  }

  /**
   * The name in {@code lathe.yaml}.
   *
   * @return the name in lower case
   */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * What the step takes.
   *
   * @return names; empty for a model, which has its own, and where there may be any number
   */
  public List<String> inputs() {
    return inputs;
  }

  /**
   * What the step gives.
   *
   * @return names; empty for a model, which has its own
   */
  public List<String> outputs() {
    return outputs;
  }

  /**
   * What can be set.
   *
   * @return the settings in their order
   */
  public List<StepKey> keys() {
    return keys;
  }

  /**
   * Whether the step takes any number of tensors, without names.
   *
   * @return true for kinds that bring several together
   */
  public boolean takesList() {
    return this == CONCAT || this == AVERAGE;
  }
}
