package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Digest;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everything that a run needs to go on as if it had never stopped, in a safetensors file: the state
 * under {@code state/}, the best weights under {@code best/}, the rest as metadata. A digest over
 * all of it shows a file that was damaged.
 *
 * @param position where the run stands
 * @param state all slots by input name
 * @param best weights of the best epoch; empty without early stop
 * @param sums training sums of the epoch that is under way
 * @param metrics newest metrics by name
 * @param identity what it belongs to: digests of the step graph and of the data
 */
record Checkpoint(
    Position position,
    Map<String, Tensor> state,
    Map<String, Tensor> best,
    String sums,
    Map<String, Double> metrics,
    Map<String, String> identity) {
  private static final String STATE = "state/";
  private static final String BEST = "best/";
  private static final String METRIC = "metric/";
  private static final String IDENTITY = "identity/";
  private static final String DIGEST = "sha256";
  private static final String SUMS = "sums";

  void write(Path file) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    state.forEach((name, tensor) -> tensors.put(STATE + name, tensor));
    best.forEach((name, tensor) -> tensors.put(BEST + name, tensor));
    Map<String, String> metadata = new LinkedHashMap<>(position.text());
    metadata.put(SUMS, sums);
    metrics.forEach(
        (name, value) ->
            metadata.put(METRIC + name, Long.toHexString(Double.doubleToRawLongBits(value))));
    identity.forEach((name, value) -> metadata.put(IDENTITY + name, value));
    metadata.put(DIGEST, digest(tensors, metadata));
    Safetensors.write(file, tensors, metadata);
  }

  static Checkpoint read(Path file) {
    Safetensors content = Safetensors.open(file);
    Map<String, String> metadata = new LinkedHashMap<>(content.metadata());
    String claimed = metadata.remove(DIGEST);
    if (!digest(content.tensors(), metadata).equals(claimed)) {
      throw new LatheException(
          TrainError.CHECKPOINT_CORRUPT,
          "checkpoint " + file + ": its content does not fit its digest");
    }
    try {
      Map<String, Double> metrics = new LinkedHashMap<>();
      under(METRIC, metadata)
          .forEach(
              (name, bits) ->
                  metrics.put(name, Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16))));
      return new Checkpoint(
          Position.of(metadata),
          under(STATE, content.tensors()),
          under(BEST, content.tensors()),
          metadata.getOrDefault(SUMS, ""),
          metrics,
          under(IDENTITY, metadata));
    } catch (NumberFormatException e) {
      throw new LatheException(
          TrainError.CHECKPOINT_CORRUPT, "checkpoint " + file + ": not one of ours", e);
    }
  }

  private static <T> Map<String, T> under(String prefix, Map<String, T> all) {
    Map<String, T> part = new LinkedHashMap<>();
    all.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            part.put(name.substring(prefix.length()), value);
          }
        });
    return part;
  }

  private static String digest(Map<String, Tensor> tensors, Map<String, String> metadata) {
    Digest digest = new Digest();
    new TreeMap<>(metadata).forEach((key, value) -> digest.add(key).add(value));
    new TreeMap<>(tensors).forEach((name, tensor) -> digest.add(name).add(tensor));
    return digest.hex();
  }
}
