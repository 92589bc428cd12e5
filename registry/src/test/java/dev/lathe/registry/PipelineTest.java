package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.dataformat.yaml.YAMLMapper;

class PipelineTest {
  private static final String CATS =
      """
      inputs:
        picture: { datatype: BYTES, shape: [-1] }
      steps:
        pixels: { kind: image, inputs: picture, size: [8, 8], color: gray, scale: 0.0039 }
        scores: { kind: model, inputs: { x: pixels } }
        names: { kind: labels, inputs: scores.probabilities, top: 3 }
      outputs:
        label: names.labels
        score: names.scores
        probabilities: scores.probabilities
      """;

  @TempDir Path folder;

  @SuppressWarnings("unchecked")
  private static Map<String, Object> yaml(String text) {
    return YAMLMapper.builder().build().readValue(text, Map.class);
  }

  private static Metadata metadata(String pipeline) {
    Metadata plain = Samples.metadata(1);
    return new Metadata(
        plain.task(), plain.labels(), plain.signature(), plain.lineage(), yaml(pipeline));
  }

  private static Release release(String pipeline) {
    return Release.of(Content.of(new byte[] {1}), metadata(pipeline), "A pipeline");
  }

  private VersionInfo publish(String pipeline) {
    try (Registry registry = Registry.open(folder)) {
      return registry.publish(Samples.DIGITS, release(pipeline));
    }
  }

  @Test
  void versionWithPipeline_hasItsSignatureAndKeepsItsDefinition() {
    VersionInfo version = publish(CATS);
    assertThat(version.metadata().pipeline()).isEqualTo(yaml(CATS));
    assertThat(version.metadata().signature())
        .isEqualTo(
            new Signature(
                List.of(new TensorSpec("picture", "BYTES", List.of(-1L))),
                List.of(
                    new TensorSpec("label", "BYTES", List.of(-1L, 3L)),
                    new TensorSpec("score", "FP32", List.of(-1L, 3L)),
                    new TensorSpec("probabilities", "FP32", List.of(-1L, 5L)))));
  }

  @Test
  void pipelineOfOtherModels_needsNoModelOfItsOwn() {
    try (Registry registry = Registry.open(folder)) {
      registry.publish(Samples.DIGITS, Samples.release(1));
      registry.deploy(Samples.DIGITS, "v1", "prod");
      String both =
          """
          inputs: { x: { datatype: FP32, shape: [-1, 1, 8, 8] } }
          steps:
            a: { kind: model, model: demo/digits@v1, inputs: { x: x } }
            b: { kind: model, model: demo/digits@prod, inputs: { x: x } }
            mean: { kind: average, inputs: [a.probabilities, b.probabilities], weights: [3, 1] }
          outputs: { probabilities: mean }
          """;
      Release pure = new Release(new TreeMap<>(), metadata(both), "Two models");
      VersionInfo version = registry.publish(ModelName.parse("demo/both"), pure);
      assertThat(version.metadata().signature().outputs())
          .containsExactly(new TensorSpec("probabilities", "FP32", List.of(-1L, 5L)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "size: [8, 8]    | siz: [8, 8]         | did you mean \"size\"?",
        "kind: labels    | kind: lables        | did you mean \"labels\"?",
        "x: pixels       | x: pixel            | did you mean \"pixels\"?",
        "size: [8, 8]    | size: [8, 9]        | pixels is FP32[-1, 1, 8, 9] (expected: FP32[-1, 1, 8, 8])",
        "size: [8, 8]    | size: [8]           | a list of 2 whole numbers",
        "size: [8, 8]    | size: [8, 100000]   | a list of 2 whole numbers from 1 to 8192",
        "color: gray     | color: grey         | one of rgb, bgr, gray",
        "scale: 0.0039   | std: [0]            | numbers above 0",
        "scale: 0.0039   | resize: 4           | no less than [8, 8]",
        "kind: model     | kind: model, model: demo/none@v1 | model demo/none: unknown",
        "kind: model     | kind: model, model: demo/none | namespace/name@v3",
        "kind: model     | kind: model, model: demo/digits@prod | may become this version",
        "scores.probabilities, top | scores, top   | one of scores.probabilities, scores.label",
        "inputs: picture | inputs: names.labels | pipeline.inputs.picture: nobody takes it",
        "datatype: BYTES | datatype: FP32      | FP32[-1] (expected: BYTES with 1 axes)",
        "shape: [-1]     | shape: [4]          | -1 first",
        "score: names.scores | score: names.score | one of names.labels, names.scores",
        "kind: image     | kind: tokenizer, file: t.json | unknown key \"size\"",
      })
  void mistake_isRefusedWithPlaceAndExpectation(String right, String wrong, String message) {
    assertThat(CATS).contains(right);
    assertThatThrownBy(() -> publish(CATS.replace(right, wrong)))
        .isInstanceOf(LatheException.class)
        .hasMessageStartingWith("lathe.yaml: pipeline")
        .hasMessageContaining(message);
    try (Registry registry = Registry.open(folder)) {
      assertThat(registry.models()).isEmpty();
    }
  }

  @Test
  void versionOfMoreLabelsThanScores_isRefused() {
    Metadata five = metadata(CATS);
    Metadata two =
        new Metadata(
            five.task(), List.of("a", "b"), five.signature(), five.lineage(), five.pipeline());
    try (Registry registry = Registry.open(folder)) {
      Release release = Release.of(Content.of(new byte[] {1}), two, "");
      assertThatThrownBy(() -> registry.publish(Samples.DIGITS, release))
          .hasMessageContaining(
              "pipeline.steps.names.labels: 2 names (expected: as many as there are scores: 5)");
    }
  }

  @Test
  void stepThatNobodyTakes_isRefused() {
    String unused =
        CATS.replace("outputs:\n", "  more: { kind: softmax, inputs: scores.label }\noutputs:\n");
    assertThatThrownBy(() -> publish(unused)).hasMessageContaining("pipeline.steps.more: nobody");
  }

  @Test
  void fileThatTheReleaseLacks_isRefused() {
    String texts =
        """
        inputs: { text: { datatype: BYTES, shape: [-1] } }
        steps:
          tokens: { kind: tokenizer, inputs: text }
        outputs: { ids: tokens.input_ids }
        """;
    assertThatThrownBy(() -> publish(texts)).hasMessageContaining("no file \"tokenizer.json\"");
  }

  @Test
  void cycle_isNamedStepByStep() {
    String round =
        """
        inputs: { x: { datatype: FP32, shape: [-1, 4] } }
        steps:
          a: { kind: concat, inputs: [x, c] }
          b: { kind: softmax, inputs: a }
          c: { kind: sigmoid, inputs: b }
        outputs: { y: c }
        """;
    assertThatThrownBy(() -> Pipeline.parse(yaml(round), "here"))
        .hasMessage("here: pipeline.steps: a → b → c → a wait for each other (expected: no cycle)");
  }

  @Test
  void shapesOfBuiltInSteps_areFollowed() {
    String all =
        """
        inputs:
          a: { datatype: FP32, shape: [-1, 4] }
          b: { datatype: FP32, shape: [-1, -1] }
        steps:
          joined: { kind: concat, inputs: [a, a, b] }
          two: { kind: concat, inputs: [a, a] }
          square: { kind: reshape, inputs: two, shape: [2, 2, 2] }
          above: { kind: threshold, inputs: square, at: 0.3 }
        outputs: { joined: joined, above: above }
        """;
    Signature signature =
        Pipeline.parse(yaml(all), "").signature(other -> Samples.metadata(1).signature(), "");
    assertThat(signature.outputs())
        .containsExactly(
            new TensorSpec("joined", "FP32", List.of(-1L, -1L)),
            new TensorSpec("above", "BOOL", List.of(-1L, 2L, 2L, 2L)));
    assertThatThrownBy(
            () ->
                Pipeline.parse(yaml(all.replace("[2, 2, 2]", "[3, 2]")), "here")
                    .signature(other -> Samples.metadata(1).signature(), "here"))
        .hasMessage(
            "here: pipeline.steps.square.shape: [3, 2] (expected: as many elements as [8])");
  }

  @Test
  void labelsThatLookLikeNumbers_stayTexts() {
    Metadata odd = metadata(CATS.replace("top: 3", "labels: ['1e3', 'no', '', ~a, '5']"));
    assertThat(LatheYaml.readMetadata(LatheYaml.write(odd), "here")).isEqualTo(odd);
  }
}
