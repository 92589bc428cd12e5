package dev.lathe.registry;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What becomes a version: its files and what is known about them. The registry itself adds {@code
 * lathe.yaml}, {@code .gitattributes} and, unless it is among the files, {@code README.md}.
 *
 * @param files content by path; {@code model.onnx} must be among them unless there is a pipeline
 *     that does without, or it is an adapter of another version
 * @param metadata what {@code lathe.yaml} will say; where there is a pipeline, the signature is
 *     that of {@code model.onnx} here, and becomes that of the pipeline
 * @param message why this version exists; becomes the commit's message
 */
public record Release(SortedMap<String, Content> files, Metadata metadata, String message) {
  /** The path of the graph in every version. */
  public static final String MODEL = "model.onnx";

  /** The path of the recipe, in versions that have one. */
  public static final String RECIPE = "recipe.yaml";

  /** Copies the files. */
  public Release {
    files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
  }

  /**
   * A release of a graph alone.
   *
   * @param model the content of {@code model.onnx}
   * @param metadata what {@code lathe.yaml} will say
   * @param message why this version exists
   * @return the release
   */
  public static Release of(Content model, Metadata metadata, String message) {
    return new Release(new TreeMap<>(Map.of(MODEL, model)), metadata, message);
  }

  /**
   * This release with one file more.
   *
   * @param path its path inside the version, such as {@link #RECIPE}
   * @param content its content
   * @return a new release
   */
  public Release with(String path, Content content) {
    SortedMap<String, Content> more = new TreeMap<>(files);
    more.put(path, content);
    return new Release(more, metadata, message);
  }
}
