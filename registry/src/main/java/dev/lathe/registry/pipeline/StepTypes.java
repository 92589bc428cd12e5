package dev.lathe.registry.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Step;
import dev.lathe.registry.TensorSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** What the built-in steps make of what they are given. */
final class StepTypes {
  private static final long OPEN = -1;

  private StepTypes() {}

  static List<TensorSpec> outputs(Step step, Map<String, TensorSpec> inputs) {
    return switch (step.kind()) {
      case IMAGE -> {
        require(inputs, "image", "BYTES", 1);
        yield List.of(new TensorSpec("pixels", step.text("datatype"), imageShape(step)));
      }
      case TOKENIZER -> {
        require(inputs, "text", "BYTES", 1);
        long length = step.text("padding").equals("full") ? step.whole("max_length") : OPEN;
        yield step.kind().outputs().stream()
            .map(name -> new TensorSpec(name, step.text("datatype"), List.of(OPEN, length)))
            .toList();
      }
      case LABELS -> labels(step, require(inputs, "scores", "FP32", 2));
      case THRESHOLD -> List.of(like("above", "BOOL", require(inputs, "scores", "FP32", 0)));
      case SOFTMAX, SIGMOID ->
          List.of(like("probabilities", "FP32", require(inputs, "scores", "FP32", 0)));
      case AVERAGE -> List.of(like("mean", "FP32", requireAlike(inputs.values(), OPEN)));
      case CONCAT -> List.of(joined(step.whole("axis"), inputs.values()));
      case RESHAPE -> List.of(reshaped(step, inputs.get("x")));
      case MODEL -> throw new IllegalArgumentException("a model has its own signature");
    };
  }

  private static List<Long> imageShape(Step step) {
    long channels = step.text("color").equals("gray") ? 1 : 3;
    List<Long> size = step.wholes("size");
    return step.text("layout").equals("nchw")
        ? List.of(OPEN, channels, size.get(0), size.get(1))
        : List.of(OPEN, size.get(0), size.get(1), channels);
  }

  private static List<TensorSpec> labels(Step step, TensorSpec scores) {
    long classes = scores.shape().get(1);
    int named = step.texts("labels").size();
    if (named > 0 && classes > 0 && named != classes) {
      throw bad(".labels: " + named + " names", "as many as there are scores: " + classes);
    }
    long top = classes > 0 ? Math.min(classes, step.whole("top")) : step.whole("top");
    List<Long> shape = List.of(scores.shape().getFirst(), classes > 0 ? top : OPEN);
    return List.of(
        new TensorSpec("labels", "BYTES", shape),
        new TensorSpec("scores", "FP32", shape),
        new TensorSpec("indices", "INT64", shape));
  }

  private static TensorSpec like(String name, String datatype, TensorSpec spec) {
    return new TensorSpec(name, datatype, spec.shape());
  }

  private static TensorSpec reshaped(Step step, TensorSpec x) {
    List<Long> shape = new ArrayList<>(List.of(OPEN));
    shape.addAll(step.wholes("shape"));
    List<Long> rest = x.shape().subList(Math.min(1, x.shape().size()), x.shape().size());
    boolean known = !x.shape().isEmpty() && !rest.contains(OPEN);
    if (known && product(rest) != product(step.wholes("shape"))) {
      throw bad(".shape: " + step.wholes("shape"), "as many elements as " + rest);
    }
    return new TensorSpec("x", x.datatype(), shape);
  }

  private static long product(List<Long> sizes) {
    return sizes.stream().reduce(1L, Math::multiplyExact);
  }

  private static TensorSpec joined(int axis, Collection<TensorSpec> parts) {
    int rank = parts.iterator().next().shape().size();
    int place = axis < 0 ? axis + rank : axis;
    if (place < 1 || place >= rank) {
      throw bad(".axis: " + axis, "1 to " + (rank - 1) + ", or from the end");
    }
    List<Long> shape = new ArrayList<>(requireAlike(parts, place).shape());
    long sum = 0;
    for (TensorSpec part : parts) {
      long size = part.shape().get(place);
      sum = size < 0 || sum < 0 ? OPEN : sum + size;
    }
    shape.set(place, sum);
    return new TensorSpec("joined", "FP32", shape);
  }

  /** Refuses tensors that are not FP32 of one shape, apart from one axis. */
  private static TensorSpec requireAlike(Collection<TensorSpec> parts, long axis) {
    TensorSpec first = parts.iterator().next();
    for (TensorSpec part : parts) {
      boolean alike = part.datatype().equals("FP32") && part.shape().size() == first.shape().size();
      for (int i = 0; alike && i < part.shape().size(); i++) {
        alike = i == axis || same(part.shape().get(i), first.shape().get(i));
      }
      if (!alike) {
        throw bad(".inputs: " + words(part) + " beside " + words(first), "FP32 of one shape");
      }
    }
    return first;
  }

  private static TensorSpec require(
      Map<String, TensorSpec> inputs, String name, String datatype, int rank) {
    TensorSpec spec = inputs.get(name);
    boolean fits = spec.datatype().equals(datatype) && !spec.shape().isEmpty();
    if (!fits || rank > 0 && spec.shape().size() != rank) {
      String expected = rank > 0 ? datatype + " with " + rank + " axes" : datatype;
      throw bad(".inputs." + name + ": " + words(spec), expected);
    }
    return spec;
  }

  static boolean fits(TensorSpec found, TensorSpec expected) {
    boolean fits =
        found.datatype().equals(expected.datatype())
            && found.shape().size() == expected.shape().size();
    for (int i = 0; fits && i < found.shape().size(); i++) {
      fits = same(found.shape().get(i), expected.shape().get(i));
    }
    return fits;
  }

  private static boolean same(long a, long b) {
    return a < 0 || b < 0 || a == b;
  }

  static String words(TensorSpec spec) {
    return spec.datatype() + spec.shape();
  }

  private static LatheException bad(String found, String expected) {
    return new LatheException(RegistryError.BAD_PIPELINE, found + " (expected: " + expected + ")");
  }
}
