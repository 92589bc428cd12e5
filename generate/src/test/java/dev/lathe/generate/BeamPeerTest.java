package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lathe.runtime.SessionOptions;
import dev.lathe.testkit.Python;
import dev.lathe.zoo.HuggingFace;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Searching by many settings finds what transformers finds. */
class BeamPeerTest {
  @TempDir private Path folder;

  @Test
  void settings_areFollowedAsTransformersDoes() throws IOException {
    String python = Python.with("torch", "transformers");
    try (InputStream script = BeamPeerTest.class.getResourceAsStream("beam_peers.py")) {
      Python.run(python, new String(script.readAllBytes(), StandardCharsets.UTF_8), folder);
    }
    JsonNode cases = JsonMapper.shared().readTree(folder.resolve("cases.json").toFile());
    String config = Files.readString(folder.resolve("model/config.json"));
    Set<Integer> lengths = new HashSet<>();
    WritingRules first = rules(cases.get(0), config);
    try (SequenceModel model =
        SequenceModel.open(
            HuggingFace.read(folder.resolve("model")).model(), first, SessionOptions.defaults())) {
      for (JsonNode each : cases) {
        WritingRules rules = rules(each, config).withBeams(each.path("beams").asInt());
        long[] source = each.path("source").valueStream().mapToLong(JsonNode::asLong).toArray();
        Hypothesis found = model.write(List.of(source), rules).getFirst().getFirst();
        assertThat(found.tokens())
            .as(each.toString())
            .isEqualTo(each.path("tokens").valueStream().mapToInt(JsonNode::asInt).toArray());
        if (each.path("score").isNumber()) {
          assertThat(found.score())
              .as(each.toString())
              .isCloseTo(each.path("score").asDouble(), within(1e-4));
        }
        lengths.add(found.tokens().length);
      }
    }
    assertThat(cases).hasSizeGreaterThan(75);
    assertThat(lengths).as("targets that end by themselves").hasSizeGreaterThan(4);
  }

  private static WritingRules rules(JsonNode each, String config) {
    ObjectNode all = (ObjectNode) JsonMapper.shared().readTree(config);
    all.setAll((ObjectNode) each.path("settings"));
    return WritingRules.parse(Map.of(WritingRules.FILE, all.toString()));
  }
}
