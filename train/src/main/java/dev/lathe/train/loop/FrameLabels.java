package dev.lathe.train.loop;

import dev.lathe.ir.Dim;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.train.LossRecipe;
import dev.lathe.train.Recipe;
import dev.lathe.train.TrainError;
import dev.lathe.train.data.Cursor;
import dev.lathe.train.data.Part;
import dev.lathe.train.data.PreparedData;

/**
 * Looks at the targets of connectionist temporal classification before a run begins: how many
 * frames, then labels, -1 behind the last.
 */
final class FrameLabels {
  private static final int CHECKED = 256;
  private static final int NONE = -1;

  private final String name;
  private final long blank;
  private final Dim frames;
  private final Dim classes;

  private FrameLabels(String name, long blank, Shape scores) {
    this.name = name;
    this.blank = blank;
    this.frames = scores.ranked() && scores.rank() == 3 ? scores.dim(1) : Dim.UNKNOWN;
    this.classes = scores.ranked() && scores.rank() == 3 ? scores.dim(2) : Dim.UNKNOWN;
  }

  /**
   * Looks at all targets of such losses.
   *
   * @throws LatheException BAD_DATA with part, example and what is wrong with it
   */
  static void require(Recipe recipe, Wiring wiring, Network network) {
    if (recipe.loss() instanceof LossRecipe.Ctc(int blank)) {
      Shape scores = shape(network, network.prediction());
      new FrameLabels("label", blank, scores).require(wiring.data());
    }
    for (int i = 0; i < wiring.heads().size(); i++) {
      Wiring.Head head = wiring.heads().get(i);
      if (head.recipe().loss() instanceof LossRecipe.Ctc(int blank)) {
        Shape scores = shape(network, network.predictions().get(i + 1));
        new FrameLabels(head.recipe().name(), blank, scores).require(head.data());
      }
    }
  }

  private static Shape shape(Network network, String output) {
    return network
        .model()
        .graph()
        .output(output)
        .map(value -> value.tensorType().shape())
        .orElse(Shape.UNRANKED);
  }

  private void require(PreparedData data) {
    require("train", data.train());
    require("validation", data.validation());
    require("test", data.test());
  }

  private void require(String where, Part part) {
    if (part.size() == 0) {
      return;
    }
    try (Batch batch = new Batch(part.columns(), Math.min(CHECKED, part.size()));
        Cursor cursor = part.inOrder()) {
      for (int first = 0; batch.fill(cursor) > 0; first += batch.count()) {
        Tensor targets = batch.column(Part.TARGET).tensor();
        int width = Math.toIntExact(targets.size() / targets.dim(0));
        for (int n = 0; n < batch.count(); n++) {
          require(where + " example " + (first + n), row(targets, n, width));
        }
      }
    }
  }

  private static double[] row(Tensor targets, int example, int width) {
    double[] row = new double[width];
    for (int i = 0; i < width; i++) {
      row[i] = targets.doubleAt((long) example * width + i);
    }
    return row;
  }

  private void require(String where, double[] row) {
    long most = frames instanceof Dim.Fixed(long size) ? size : Integer.MAX_VALUE;
    if (row[0] < 1 || row[0] > most || row[0] != Math.rint(row[0])) {
      throw bad(where, row[0] + " frames", "1 to " + most);
    }
    long last = classes instanceof Dim.Fixed(long size) ? size - 1 : Integer.MAX_VALUE;
    int needed = 0;
    for (int i = 1; i < row.length; i++) {
      boolean ended = i > 1 && row[i - 1] == NONE;
      boolean fits =
          row[i] == NONE
              || !ended
                  && row[i] >= 0
                  && row[i] <= last
                  && row[i] != blank
                  && row[i] == Math.rint(row[i]);
      if (!fits) {
        throw bad(
            where,
            "label " + row[i] + " at place " + i,
            "0 to " + last + " but for the blank " + blank + ", or -1 behind the last");
      }
      needed += row[i] == NONE ? 0 : i > 1 && row[i] == row[i - 1] ? 2 : 1;
    }
    if (needed > row[0]) {
      throw bad(
          where,
          (long) row[0] + " frames",
          "at least " + needed + ", one for each label and one between equal ones");
    }
  }

  private LatheException bad(String where, String found, String expected) {
    return new LatheException(
        TrainError.BAD_DATA, name + ": " + where + ": " + found + " (expected: " + expected + ")");
  }
}
