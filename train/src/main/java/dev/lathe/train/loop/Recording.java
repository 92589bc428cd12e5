package dev.lathe.train.loop;

import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.Safetensors;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Column;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes down what a run will do, for another program that is to do the same. */
public final class Recording {
  private static final long MAX_BYTES = 4L << 30;

  private final Plan plan;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private long bytes;

  private Recording(Plan plan) {
    this.plan = plan;
  }

  /**
   * Writes {@code initial.safetensors}, the first weights by name; {@code batches.safetensors},
   * with {@code train.I.COLUMN} for each batch of the run in turn, from 0, {@code
   * validation.I.COLUMN} likewise, and {@code rates}, the learning rate of each step, FLOAT
   * [steps]; and the files that belong beside the model.
   *
   * @param plan the run
   * @param folder where to, made if absent
   * @throws LatheException TOO_LARGE for more than 4 GiB, STORAGE if it cannot be written
   */
  public static void write(Plan plan, Path folder) {
    new Recording(plan).write(folder);
  }

  private void write(Path folder) {
    train();
    if (plan.data().validation().size() > 0) {
      Part part = plan.data().validation();
      try (Batch batch = new Batch(part.columns(), plan.measuringBatch(part.size()));
          Cursor cursor = part.inOrder()) {
        for (int i = 0; batch.fill(cursor) > 0; i++) {
          add("validation." + i, batch);
        }
      }
    }
    try {
      Files.createDirectories(folder);
      Safetensors.write(
          folder.resolve("initial.safetensors"),
          plan.network().model().graph().initializers(),
          Map.of());
      Safetensors.write(folder.resolve("batches.safetensors"), tensors, Map.of());
      for (Map.Entry<String, String> file : plan.files().entrySet()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue());
      }
    } catch (IOException e) {
      throw new LatheException(
          TrainError.STORAGE, folder + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private void train() {
    int steps = Math.toIntExact(plan.steps());
    float[] rates = new float[steps];
    for (int step = 1; step <= steps; step++) {
      rates[step - 1] = (float) plan.learningRate(step);
    }
    tensors.put("rates", Tensor.ofFloats(rates, steps));
    long batches = (long) steps * plan.recipe().update().batches();
    try (Feed feed =
        new Feed(plan.data().train(), plan.batch(), plan.looksAtBatches(), plan.epochs())) {
      for (int i = 0; i < batches; i++) {
        int place = i % plan.batchesPerEpoch();
        if (place == 0) {
          feed.begin(plan.recipe().seed(), i / plan.batchesPerEpoch(), 0);
        }
        Batch batch = feed.take();
        add("train." + i, batch);
        feed.giveBack(batch);
      }
    }
  }

  /** The examples that count. */
  private void add(String prefix, Batch batch) {
    for (Column column : batch.shape()) {
      long[] dims = column.batchDims(batch.count());
      bytes += column.type().byteSize(Tensor.sizeOf(dims));
      if (bytes > MAX_BYTES) {
        throw new LatheException(
            TrainError.TOO_LARGE, "recording: more than " + MAX_BYTES + " bytes of batches");
      }
      Tensor copy = Tensor.zeros(column.type(), dims);
      copy.data().copyFrom(batch.column(column.name()).segment().asSlice(0, copy.byteSize()));
      tensors.put(prefix + "." + column.name(), copy);
    }
  }
}
