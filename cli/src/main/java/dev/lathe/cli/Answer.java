package dev.lathe.cli;

import dev.lathe.cli.text.Bars;
import dev.lathe.cli.text.Screen;
import dev.lathe.cli.text.Style;
import dev.lathe.cli.text.Words;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.server.Prediction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A prediction for people and for machines.
 *
 * @param prediction what the model answered
 */
record Answer(Prediction prediction) {
  private static final int MOST_BARS = 5;
  private static final int MOST_ROWS = 20;
  private static final int MOST_NUMBERS = 12;

  /** The answer as nested maps and lists, outputs under their names. */
  Map<String, Object> document() {
    Map<String, Object> outputs = new LinkedHashMap<>();
    prediction.outputs().forEach((name, tensor) -> outputs.put(name, nested(tensor, 0, 0)));
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("model", prediction.model());
    document.put("version", prediction.version());
    if (prediction.outputs().containsKey("label")) {
      List<String> answers = new ArrayList<>();
      for (int row = 0; row < rows(); row++) {
        prediction.label(row).ifPresent(answers::add);
      }
      document.put("answers", answers);
    }
    document.put("outputs", outputs);
    return document;
  }

  /** The answer as text: the label with its probability and its rivals, or the numbers. */
  void print(Screen screen) {
    long shown = Math.min(rows(), MOST_ROWS);
    for (int row = 0; row < shown; row++) {
      Optional<String> label = prediction.label(row);
      if (label.isPresent()) {
        printLabel(label.get(), row, screen);
      } else {
        printNumbers(row, screen);
      }
    }
    if (shown < rows()) {
      screen.line("... and " + (rows() - shown) + " more (--json gives all)");
    }
  }

  private void printLabel(String label, int row, Screen screen) {
    String who = prediction.model() + " " + prediction.version();
    String where = rows() > 1 ? " row " + (row + 1) : "";
    List<Bars.Share> shares = shares(row);
    double best = shares.stream().mapToDouble(Bars.Share::part).max().orElse(Double.NaN);
    String sure = shares.isEmpty() ? "" : "  (" + Words.percent(best) + ")";
    screen.line(
        screen.paint(Style.DIM, who + where + ": ") + screen.paint(Style.BOLD, label) + sure);
    if (rows() == 1) {
      Bars.lines(shares, MOST_BARS, screen).forEach(screen::line);
    }
  }

  private void printNumbers(int row, Screen screen) {
    for (Map.Entry<String, Tensor> output : prediction.outputs().entrySet()) {
      Tensor tensor = output.getValue();
      long width = tensor.rank() == 0 ? 1 : tensor.size() / Math.max(1, tensor.dim(0));
      StringBuilder line = new StringBuilder(output.getKey());
      for (int i = 0; i < Math.min(width, MOST_NUMBERS); i++) {
        line.append("  ").append(text(tensor, row * width + i));
      }
      screen.line(line.append(width > MOST_NUMBERS ? " ..." : "").toString());
    }
  }

  private static String text(Tensor tensor, long index) {
    if (tensor.type() == ElementType.STRING) {
      return Words.firstLine(tensor.strings().get((int) index));
    }
    return tensor.type().isFloating()
        ? String.format(Locale.ROOT, "%.6g", tensor.doubleAt(index))
        : Long.toString(tensor.longAt(index));
  }

  List<Bars.Share> shares(int row) {
    Tensor probabilities = prediction.outputs().get("probabilities");
    List<Bars.Share> shares = new ArrayList<>();
    if (probabilities == null || probabilities.rank() != 2) {
      return shares;
    }
    int classes = (int) probabilities.dim(1);
    for (int k = 0; k < classes; k++) {
      String name = k < prediction.labels().size() ? prediction.labels().get(k) : "" + k;
      shares.add(new Bars.Share(name, probabilities.doubleAt((long) row * classes + k)));
    }
    return shares;
  }

  private long rows() {
    return prediction.outputs().values().stream()
        .filter(tensor -> tensor.rank() > 0)
        .mapToLong(tensor -> tensor.dim(0))
        .findFirst()
        .orElse(1);
  }

  private static Object nested(Tensor tensor, int axis, long offset) {
    if (axis == tensor.rank()) {
      return element(tensor, offset);
    }
    long stride = 1;
    for (int i = axis + 1; i < tensor.rank(); i++) {
      stride *= tensor.dim(i);
    }
    List<Object> list = new ArrayList<>();
    for (long i = 0; i < tensor.dim(axis); i++) {
      list.add(nested(tensor, axis + 1, offset + i * stride));
    }
    return list;
  }

  private static Object element(Tensor tensor, long index) {
    return switch (tensor.type()) {
      case STRING -> tensor.strings().get((int) index);
      case BOOL -> tensor.longAt(index) != 0;
      case FLOAT -> (float) tensor.doubleAt(index);
      default -> number(tensor, index);
    };
  }

  private static Number number(Tensor tensor, long index) {
    if (tensor.type().isInteger()) {
      return tensor.longAt(index);
    }
    return tensor.doubleAt(index);
  }
}
