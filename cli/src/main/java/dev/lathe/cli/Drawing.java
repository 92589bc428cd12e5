package dev.lathe.cli;

import dev.lathe.cli.text.Picture;
import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails;
import dev.lathe.train.Dataset;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * A drawn digit and the request that asks what it is.
 *
 * @param digit what it was drawn as
 * @param pixels row-major, [28, 28], whole numbers of 0 to 255
 * @param input the name of the model's input
 */
record Drawing(String digit, int[] pixels, String input) {
  private static final int SIDE = 28;
  private static final int WHITE = 255;
  private static final int DRAWN = 2;
  private static final int CHOSEN = 1;

  /** A drawing by a writer of the test part. */
  static Drawing of(VersionDetails version, long seed) {
    Dataset drawings = Dataset.drawnDigits(DRAWN, seed);
    Tensor x = drawings.x();
    int[] pixels = new int[SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (int) Math.round(x.doubleAt((long) CHOSEN * pixels.length + i));
    }
    String digit = drawings.labels().get((int) drawings.y().longAt(CHOSEN));
    return new Drawing(digit, pixels, version.inputs().getFirst().name());
  }

  Picture picture() {
    double[] greys = new double[pixels.length];
    for (int i = 0; i < greys.length; i++) {
      greys[i] = (double) pixels[i] / WHITE;
    }
    return new Picture(greys, SIDE);
  }

  /** A request of the Open Inference Protocol. */
  String request() {
    Map<String, Object> tensor = new LinkedHashMap<>();
    tensor.put("name", input);
    tensor.put("shape", List.of(1, 1, SIDE, SIDE));
    tensor.put("datatype", "FP32");
    tensor.put("data", pixels);
    return JsonMapper.shared().writeValueAsString(Map.of("inputs", List.of(tensor)));
  }

  /** Writes the request where a person finds it. */
  Path write(Path folder) {
    Path file = folder.resolve("sample-request.json");
    try {
      return Files.writeString(file, request() + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
