package dev.lathe.zoo.huggingface;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.zoo.ZooError;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Weights in one file, or in several that an index lists. */
final class Shards {
  /** One file with everything. */
  static final String WHOLE = "model.safetensors";

  /** Which file has which tensor. */
  static final String INDEX = "model.safetensors.index.json";

  private static final int MOST_FILES = 4096;
  private static final int MOST_TENSORS = 1_000_000;
  private static final Pattern PLAIN_NAME =
      Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}\\.safetensors");

  private Shards() {}

  /** All tensors by name; slices of the mapped files. */
  static Map<String, Tensor> open(Path folder) {
    if (Files.exists(folder.resolve(WHOLE))) {
      return new LinkedHashMap<>(Safetensors.open(folder.resolve(WHOLE)).tensors());
    }
    if (Files.exists(folder.resolve(INDEX))) {
      return joined(folder);
    }
    boolean pickled =
        Files.exists(folder.resolve("pytorch_model.bin"))
            || Files.exists(folder.resolve("pytorch_model.bin.index.json"));
    throw new LatheException(
        ZooError.NO_FILE,
        folder
            + ": no "
            + WHOLE
            + " and no "
            + INDEX
            + (pickled
                ? " (pytorch_model.bin is a program in Python's pickle format and is not run; save"
                    + " the model as safetensors)"
                : ""));
  }

  /** The names of the files, as the index says if there is one and no whole file. */
  static List<String> files(Path folder) {
    if (Files.exists(folder.resolve(WHOLE)) || !Files.exists(folder.resolve(INDEX))) {
      return List.of(WHOLE);
    }
    return named(places(Config.read(folder.resolve(INDEX))));
  }

  private static List<String> named(Map<String, String> places) {
    List<String> files = places.values().stream().distinct().sorted().toList();
    if (files.size() > MOST_FILES) {
      throw Weights.bad(
          INDEX + ": " + files.size() + " files (expected: at most " + MOST_FILES + ")");
    }
    for (String file : files) {
      if (!PLAIN_NAME.matcher(file).matches()) {
        throw Weights.bad(
            INDEX + ": file \"" + file + "\" (expected: a plain name that ends in .safetensors)");
      }
    }
    return files;
  }

  private static Map<String, Tensor> joined(Path folder) {
    Map<String, String> places = places(Config.read(folder.resolve(INDEX)));
    Map<String, Map<String, Tensor>> files = new TreeMap<>();
    for (String file : named(places)) {
      files.put(file, Safetensors.open(folder.resolve(file)).tensors());
    }
    files.forEach(
        (file, tensors) ->
            tensors
                .keySet()
                .forEach(
                    name -> {
                      if (!file.equals(places.get(name))) {
                        throw Weights.bad(
                            file
                                + ": tensor \""
                                + name
                                + "\" (expected: only what "
                                + INDEX
                                + " says)");
                      }
                    }));
    Map<String, Tensor> all = new LinkedHashMap<>();
    places.forEach(
        (name, file) -> {
          Tensor tensor = files.get(file).get(name);
          if (tensor == null) {
            throw Weights.bad(
                file + ": no tensor \"" + name + "\" (" + INDEX + " says that it is there)");
          }
          all.put(name, tensor);
        });
    return all;
  }

  private static Map<String, String> places(Config index) {
    Config map =
        index.part("weight_map").orElseThrow(() -> index.missing("weight_map", "an object"));
    Map<String, String> places = new TreeMap<>();
    for (String name : map.keys()) {
      if (places.size() == MOST_TENSORS) {
        throw Weights.bad(INDEX + ": more than " + MOST_TENSORS + " tensors");
      }
      map.text(name).ifPresent(file -> places.put(name, file));
    }
    return places;
  }
}
