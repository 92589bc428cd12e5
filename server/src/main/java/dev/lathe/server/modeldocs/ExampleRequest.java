package dev.lathe.server.modeldocs;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.ValueInfo;
import dev.lathe.registry.Datatype;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.StepKind;
import dev.lathe.serve.LoadedModel;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * A request that a model answers: one row, sizes that are left open small, a small picture where a
 * pipeline takes pictures.
 */
final class ExampleRequest {
  private static final long MOST_NUMBERS = 1L << 18;
  private static final int SIDE = 16;

  private ExampleRequest() {}

  /** The request's body; empty if it would be too large for an example. */
  static Optional<Map<String, Object>> of(LoadedModel model) {
    List<Object> inputs = new ArrayList<>();
    long all = 0;
    for (ValueInfo input : model.inputs()) {
      List<Long> shape = shape(input);
      long numbers = shape.stream().reduce(1L, (a, b) -> a > MOST_NUMBERS ? a : a * b);
      all += numbers;
      if (all > MOST_NUMBERS) {
        return Optional.empty();
      }
      ElementType type = input.tensorType().element();
      Map<String, Object> tensor = new LinkedHashMap<>();
      tensor.put("name", input.name());
      tensor.put("datatype", Datatype.nameOf(type));
      tensor.put("shape", shape);
      tensor.put("data", Collections.nCopies((int) numbers, value(model, input.name(), type)));
      inputs.add(tensor);
    }
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("inputs", inputs);
    return Optional.of(body);
  }

  private static List<Long> shape(ValueInfo input) {
    long[] sizes = input.tensorType().shape().sizes();
    List<Long> shape = new ArrayList<>();
    for (int axis = 0; axis < sizes.length; axis++) {
      long open = axis == 0 ? 1 : sizes.length > 3 ? 2 * SIDE : SIDE / 2;
      shape.add(sizes[axis] < 0 ? open : sizes[axis]);
    }
    return shape;
  }

  private static Object value(LoadedModel model, String input, ElementType type) {
    return switch (type) {
      case BOOL -> true;
      case STRING -> takes(model, input, StepKind.IMAGE) ? picture() : "A short text.";
      case FLOAT, DOUBLE, FLOAT16, BFLOAT16 -> 0.5;
      default -> 1;
    };
  }

  /** Whether a pipeline's input goes to a step of a kind. */
  private static boolean takes(LoadedModel model, String input, StepKind kind) {
    Map<String, Object> pipeline = model.metadata().pipeline();
    try {
      return !pipeline.isEmpty()
          && Pipeline.parse(pipeline, "").steps().values().stream()
              .filter(step -> step.kind() == kind)
              .flatMap(step -> step.inputs().values().stream())
              .anyMatch(source -> source.origin().equals(input));
    } catch (LatheException e) {
      return false;
    }
  }

  /** A PNG file in Base64. */
  private static String picture() {
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        image.setRGB(x, y, 15 * x << 16 | 15 * y << 8 | 80);
      }
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Base64.getEncoder().encodeToString(out.toByteArray());
  }
}
