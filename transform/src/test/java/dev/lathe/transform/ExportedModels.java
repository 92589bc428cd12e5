package dev.lathe.transform;

import dev.lathe.testkit.Shared;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** All of the models in {@code fixtures/onnx}, by name and exporter: none is left out. */
final class ExportedModels {
  private static final List<String> RECURRENT = List.of("lstm", "gru");

  private ExportedModels() {}

  static Stream<Arguments> all() {
    return names().stream().map(name -> Arguments.of((Object[]) name));
  }

  /** Those whose layers are single operators with many parameters in one. */
  static Stream<Arguments> withRecurrentLayers() {
    return names().stream()
        .filter(name -> RECURRENT.contains(name[0]))
        .map(name -> Arguments.of((Object[]) name));
  }

  static Stream<Arguments> withoutRecurrentLayers() {
    return names().stream()
        .filter(name -> !RECURRENT.contains(name[0]))
        .map(name -> Arguments.of((Object[]) name));
  }

  private static List<String[]> names() {
    try (Stream<Path> files = Files.list(Shared.path("fixtures/onnx"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".onnx"))
          .sorted()
          .map(file -> file.substring(0, file.length() - ".onnx".length()).split("\\."))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
