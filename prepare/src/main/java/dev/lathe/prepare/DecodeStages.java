package dev.lathe.prepare;

import dev.lathe.ir.LatheException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/**
 * How tokens become text: the {@code decoder} of a {@code tokenizer.json} as stages that work token
 * by token.
 *
 * @see <a href="https://huggingface.co/docs/tokenizers/api/decoders">decoders of tokenizers</a>
 */
final class DecodeStages {
  private static final int MOST_STAGES = 16;

  /** One step of the way; what it is pushed is certain. */
  interface Stage {
    void push(String piece);

    void finish();
  }

  /** Makes a stage in front of the next. */
  private interface Maker {
    Stage before(Consumer<String> next, boolean within);
  }

  private record Step(String type, JsonNode json) {}

  private final List<Step> steps;

  private DecodeStages(List<Step> steps) {
    this.steps = steps;
  }

  static DecodeStages of(JsonNode decoder) {
    List<Step> steps = new ArrayList<>();
    add(decoder, steps);
    return new DecodeStages(steps);
  }

  private static void add(JsonNode decoder, List<Step> steps) {
    String type = decoder.path("type").asString("");
    if (type.equals("Sequence")) {
      decoder.path("decoders").forEach(one -> add(one, steps));
      return;
    }
    steps.add(new Step(type, decoder));
    if (steps.size() > MOST_STAGES) {
      throw new LatheException(
          PrepareError.BAD_TOKENIZER, "decoder: more than " + MOST_STAGES + " steps");
    }
  }

  /** New stages, the last of which writes; BAD_TOKENIZER if a step cannot work token by token. */
  Stage open(Detokenizer.Place place, Consumer<String> out) {
    boolean within = place == Detokenizer.Place.WITHIN;
    boolean fused = false;
    List<Maker> makers = new ArrayList<>();
    for (Step step : steps) {
      if (step.type().equals("Fuse")) {
        fused = true;
      } else {
        makers.add(maker(step, fused));
      }
    }
    Stage stage = new End(out);
    for (Maker maker : makers.reversed()) {
      Stage next = stage;
      Stage made = maker.before(next::push, within);
      stage = new Joined(made, next);
    }
    return stage;
  }

  private static Maker maker(Step step, boolean fused) {
    JsonNode json = step.json();
    return switch (step.type()) {
      case "" -> (next, within) -> new DecodeSteps.Spaced(next, within);
      case "ByteLevel" -> (next, within) -> new DecodeSteps.Bytes(next);
      case "ByteFallback" -> (next, within) -> new DecodeSteps.Fallback(next);
      case "Replace" -> {
        String pattern = pattern(json, fused);
        String content = json.path("content").asString("");
        yield (next, within) -> DecodeSteps.mapped(next, piece -> piece.replace(pattern, content));
      }
      case "Strip" -> {
        DecodeSteps.Trim trim = DecodeSteps.Trim.of(json);
        yield fused
            ? (next, within) -> new DecodeSteps.StripWhole(next, trim, within)
            : (next, within) -> DecodeSteps.mapped(next, trim::apply);
      }
      case "Metaspace" -> {
        String mark = json.path("replacement").asString("▁");
        boolean prepends = !json.path("prepend_scheme").asString("always").equals("never");
        yield (next, within) -> new DecodeSteps.Metaspace(next, mark, prepends && !within);
      }
      case "WordPiece" -> {
        String prefix = json.path("prefix").asString("##");
        boolean cleans = json.path("cleanup").asBoolean(true);
        yield (next, within) ->
            new DecodeSteps.WordPiece(next, prefix, new DecodeSteps.Cleanup(cleans, within));
      }
      case "BPEDecoder" -> {
        String suffix = json.path("suffix").asString("</w>");
        yield (next, within) -> new DecodeSteps.Suffixed(next, suffix);
      }
      default -> throw unknown(step.type());
    };
  }

  private static String pattern(JsonNode json, boolean fused) {
    String pattern = json.path("pattern").path("String").asString("");
    if (pattern.isEmpty() || fused && pattern.length() > 1) {
      throw unknown("Replace with " + json.path("pattern"));
    }
    return pattern;
  }

  private static LatheException unknown(String type) {
    return new LatheException(
        PrepareError.BAD_TOKENIZER,
        "decoder: "
            + type
            + " (expected: ByteLevel, ByteFallback, Fuse, Replace of a text, Strip, Metaspace,"
            + " WordPiece, BPEDecoder)");
  }

  /** Whether a token stands for one byte, as {@code <0x0A>} does where there is such a step. */
  boolean byteToken(String token) {
    return has("ByteFallback") && DecodeSteps.Fallback.value(token) >= 0;
  }

  private boolean has(String type) {
    return steps.stream().anyMatch(step -> step.type().equals(type));
  }

  /** What a token adds within a text. */
  byte[] bytes(String token) {
    if (has("ByteLevel")) {
      return ByteLevel.bytes(token);
    }
    if (byteToken(token)) {
      return new byte[] {(byte) DecodeSteps.Fallback.value(token)};
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Stage stage =
        open(
            Detokenizer.Place.WITHIN,
            text -> bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8)));
    stage.push(token);
    stage.finish();
    return bytes.toByteArray();
  }

  /** The last stage. */
  private record End(Consumer<String> out) implements Stage {
    @Override
    public void push(String piece) {
      out.accept(piece);
    }

    @Override
    public void finish() {}
  }

  /** A stage, and the next that ends after it. */
  private record Joined(Stage stage, Stage next) implements Stage {
    @Override
    public void push(String piece) {
      stage.push(piece);
    }

    @Override
    public void finish() {
      stage.finish();
      next.finish();
    }
  }
}
