package dev.lathe.registry.pipeline;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Nearest;
import dev.lathe.registry.ModelName;
import dev.lathe.registry.Pipeline;
import dev.lathe.registry.Pipeline.Reference;
import dev.lathe.registry.Registry;
import dev.lathe.registry.RegistryError;
import dev.lathe.registry.Signature;
import dev.lathe.registry.Step;
import dev.lathe.registry.Step.Source;
import dev.lathe.registry.StepKey;
import dev.lathe.registry.StepKind;
import dev.lathe.registry.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the key {@code pipeline} of {@code lathe.yaml}. */
public final class PipelineForm {
  private static final int MOST_STEPS = 64;
  private static final int MOST_TENSORS = 64;
  private static final int LONGEST = 200;
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
  private static final Pattern VERSION = Pattern.compile("v[1-9][0-9]{0,8}");
  private static final List<String> KINDS =
      Arrays.stream(StepKind.values()).map(StepKind::key).toList();

  private final String where;

  private PipelineForm(String where) {
    this.where = where.isEmpty() ? "" : where + ": ";
  }

  /**
   * Reads a definition.
   *
   * @param definition the value of the key
   * @param where what it is part of
   * @return the pipeline
   * @throws LatheException BAD_PIPELINE
   */
  public static Pipeline read(Map<String, Object> definition, String where) {
    return new PipelineForm(where).pipeline(definition);
  }

  /**
   * Reads the name of another model.
   *
   * @param text {@code namespace/name@v3} or {@code namespace/name@environment}
   * @return the model; empty if the text is
   * @throws LatheException BAD_PIPELINE or BAD_NAME
   */
  public static Optional<Reference> reference(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    int at = text.indexOf('@');
    if (at < 0) {
      throw new LatheException(
          RegistryError.BAD_PIPELINE,
          "model \"" + text + "\" (expected: namespace/name@v3, or @ and an environment)");
    }
    String version = text.substring(at + 1);
    if (!VERSION.matcher(version).matches()) {
      Registry.requireEnvironment(version);
    }
    return Optional.of(new Reference(ModelName.parse(text.substring(0, at)), version));
  }

  private Pipeline pipeline(Map<String, Object> definition) {
    requireKeys("pipeline", definition, List.of("inputs", "steps", "outputs"));
    List<TensorSpec> inputs = inputs(mapping("pipeline.inputs", definition.get("inputs")));
    Map<String, Object> given = mapping("pipeline.steps", definition.get("steps"));
    if (given.size() > MOST_STEPS) {
      throw bad("pipeline.steps", given.size() + " steps", "at most " + MOST_STEPS);
    }
    Map<String, Step> steps = new LinkedHashMap<>();
    given.forEach((name, value) -> steps.put(name, step("pipeline.steps." + name, name, value)));
    Map<String, Source> outputs = new LinkedHashMap<>();
    mapping("pipeline.outputs", definition.get("outputs"))
        .forEach(
            (name, value) ->
                outputs.put(name, source("pipeline.outputs." + requireShort(name), value)));
    if (outputs.size() > MOST_TENSORS) {
      throw bad("pipeline.outputs", outputs.size() + " outputs", "at most " + MOST_TENSORS);
    }
    Pipeline pipeline = new Pipeline(inputs, steps, outputs);
    requireNamesLeadSomewhere(pipeline);
    located(pipeline::stages);
    return pipeline;
  }

  private <T> T located(java.util.function.Supplier<T> work) {
    try {
      return work.get();
    } catch (LatheException e) {
      throw new LatheException(RegistryError.BAD_PIPELINE, where + e.getMessage(), e);
    }
  }

  private List<TensorSpec> inputs(Map<String, Object> given) {
    List<TensorSpec> inputs = new ArrayList<>();
    given.forEach(
        (name, value) -> {
          String path = "pipeline.inputs." + requireName("pipeline.inputs", name);
          Map<String, Object> input = mapping(path, value);
          requireKeys(path, input, List.of("datatype", "shape"));
          inputs.add(
              new TensorSpec(
                  name,
                  datatype(path + ".datatype", input.get("datatype")),
                  shape(path + ".shape", input.get("shape"))));
        });
    if (inputs.size() > MOST_TENSORS) {
      throw bad("pipeline.inputs", inputs.size() + " inputs", "at most " + MOST_TENSORS);
    }
    return inputs;
  }

  private String datatype(String path, @Nullable Object value) {
    if (value instanceof String text && Signature.DATATYPES.contains(text)) {
      return text;
    }
    throw bad(path, shown(value), "one of " + String.join(", ", Signature.DATATYPES));
  }

  private List<Long> shape(String path, @Nullable Object value) {
    StepKey.Form form = new StepKey.Form.Wholes(1, 8, -1, Integer.MAX_VALUE);
    List<Long> shape = new ArrayList<>();
    Object read =
        Settings.read(form, value).orElseThrow(() -> bad(path, shown(value), form.words()));
    ((List<?>) read).forEach(size -> shape.add((Long) size));
    if (shape.getFirst() != -1) {
      throw bad(path, shape.toString(), "-1 first: the number of rows is a request's");
    }
    return shape;
  }

  private Step step(String path, String name, @Nullable Object value) {
    requireName("pipeline.steps", name);
    Map<String, Object> given = mapping(path, value);
    Object kindName = given.get("kind");
    StepKind kind =
        Arrays.stream(StepKind.values())
            .filter(one -> one.key().equals(kindName))
            .findFirst()
            .orElseThrow(
                () ->
                    bad(
                        path + ".kind",
                        shown(kindName),
                        Nearest.hint(String.valueOf(kindName), KINDS)
                            + "one of "
                            + String.join(", ", KINDS)));
    List<String> known = new ArrayList<>(List.of("kind", "inputs"));
    kind.keys().forEach(key -> known.add(key.name()));
    requireKeys(path, given, known);
    Map<String, Object> settings = new HashMap<>();
    for (StepKey key : kind.keys()) {
      settings.put(key.name(), setting(path + "." + key.name(), key, given));
    }
    Step step = new Step(kind, sources(path + ".inputs", kind, given.get("inputs")), settings);
    located(() -> StepRules.require(path, step));
    return step;
  }

  private Object setting(String path, StepKey key, Map<String, Object> given) {
    if (!given.containsKey(key.name())) {
      return key.standard();
    }
    Object value = given.get(key.name());
    return Settings.read(key.form(), value)
        .orElseThrow(() -> bad(path, shown(value), key.form().words()));
  }

  /** A mapping by input, one text where there is one input, or a list where there may be many. */
  private Map<String, Source> sources(String path, StepKind kind, @Nullable Object value) {
    Map<String, Source> sources = new LinkedHashMap<>();
    if (kind.takesList()) {
      if (!(value instanceof List<?> list) || list.size() < 2 || list.size() > MOST_TENSORS) {
        throw bad(path, shown(value), "a list of 2 to " + MOST_TENSORS + " names");
      }
      for (int i = 0; i < list.size(); i++) {
        sources.put(Integer.toString(i), source(path + "[" + i + "]", list.get(i)));
      }
      return sources;
    }
    if (value instanceof String && kind.inputs().size() == 1) {
      sources.put(kind.inputs().getFirst(), source(path, value));
      return sources;
    }
    Map<String, Object> given = mapping(path, value);
    if (kind != StepKind.MODEL) {
      requireKeys(path, given, kind.inputs());
    }
    given.forEach(
        (name, origin) -> sources.put(requireShort(name), source(path + "." + name, origin)));
    return sources;
  }

  private Source source(String path, @Nullable Object value) {
    if (value instanceof String text && !text.isEmpty() && text.length() <= LONGEST) {
      return Source.parse(text);
    }
    throw bad(path, shown(value), "the name of an input or a step, such as scores.probabilities");
  }

  private void requireNamesLeadSomewhere(Pipeline pipeline) {
    Set<String> names = new HashSet<>(pipeline.steps().keySet());
    for (TensorSpec input : pipeline.inputs()) {
      if (!names.add(input.name())) {
        throw bad("pipeline.inputs." + input.name(), "a step of the same name", "another name");
      }
    }
    Set<String> used = new HashSet<>();
    pipeline
        .steps()
        .forEach(
            (name, step) ->
                step.inputs()
                    .forEach(
                        (input, source) ->
                            used.add(
                                requireKnown(
                                    "pipeline.steps." + name + ".inputs." + input,
                                    source,
                                    names))));
    pipeline
        .outputs()
        .forEach(
            (name, source) -> used.add(requireKnown("pipeline.outputs." + name, source, names)));
    for (String name : names) {
      if (!used.contains(name)) {
        String kind = pipeline.steps().containsKey(name) ? "pipeline.steps." : "pipeline.inputs.";
        throw bad(kind + name, "nobody takes it", "that a step or an output does");
      }
    }
  }

  private String requireKnown(String path, Source source, Collection<String> names) {
    if (!names.contains(source.origin())) {
      throw bad(
          path,
          "\"" + source + "\" is neither an input nor a step",
          Nearest.hint(source.origin(), names) + "one of " + String.join(", ", names));
    }
    return source.origin();
  }

  private void requireKeys(String path, Map<String, Object> given, List<String> known) {
    for (String key : given.keySet()) {
      if (!known.contains(key)) {
        throw bad(
            path,
            "unknown key \"" + cut(key) + "\"",
            Nearest.hint(key, known) + "one of " + String.join(", ", known));
      }
    }
  }

  private String requireName(String path, String name) {
    if (!NAME.matcher(name).matches()) {
      throw bad(path, "name \"" + cut(name) + "\"", "letters, digits, _ and -, at most 64");
    }
    return name;
  }

  private String requireShort(String name) {
    if (name.isEmpty() || name.length() > LONGEST) {
      throw bad("pipeline", "name \"" + cut(name) + "\"", "1 to " + LONGEST + " characters");
    }
    return name;
  }

  private Map<String, Object> mapping(String path, @Nullable Object value) {
    if (!(value instanceof Map<?, ?> map) || map.isEmpty()) {
      throw bad(path, shown(value), "a mapping");
    }
    Map<String, Object> mapping = new LinkedHashMap<>();
    map.forEach((key, inner) -> mapping.put(String.valueOf(key), inner));
    return mapping;
  }

  private LatheException bad(String path, String found, String expected) {
    return new LatheException(
        RegistryError.BAD_PIPELINE, where + path + ": " + found + " (expected: " + expected + ")");
  }

  private static String shown(@Nullable Object value) {
    return switch (value) {
      case null -> "nothing";
      case String text -> "\"" + cut(text) + "\"";
      case Map<?, ?> map -> map.isEmpty() ? "nothing" : "a mapping";
      default -> cut(value.toString());
    };
  }

  private static String cut(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "…";
  }
}
