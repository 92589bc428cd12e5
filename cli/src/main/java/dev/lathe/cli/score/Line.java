package dev.lathe.cli.score;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Tensor;
import dev.lathe.server.Prediction;
import dev.lathe.train.Records;
import java.util.ArrayList;
import java.util.List;

/**
 * How a row of the result is written: the columns that are kept, then the class where the model
 * chooses one, then what was asked for of the outputs.
 */
sealed interface Line permits CsvLine, JsonLine {
  /** The name of the column that has the class's name. */
  String PREDICTION = "prediction";

  /** What stands before the first row. */
  String heading(Prediction first);

  /** Writes a row. */
  void write(List<String> kept, Prediction prediction, int row, StringBuilder into);

  /** The values of the kept columns as they are written in the file. */
  static List<String> kept(Records.Row row, List<Integer> places) {
    List<String> values = new ArrayList<>(places.size());
    places.forEach(place -> values.add(row.text(place)));
    return values;
  }

  /** Elements of one row of an output. */
  static int width(Tensor output) {
    long rows = output.rank() == 0 ? 1 : Math.max(1, output.dim(0));
    return Math.toIntExact(output.size() / rows);
  }

  /** An element in its shortest exact form. */
  static String element(Tensor tensor, long index) {
    if (tensor.type() == ElementType.STRING) {
      return tensor.strings().get(Math.toIntExact(index));
    }
    if (tensor.type() == ElementType.DOUBLE) {
      return Double.toString(tensor.doubleAt(index));
    }
    return tensor.type().isFloating()
        ? Float.toString((float) tensor.doubleAt(index))
        : whole(tensor, index);
  }

  private static String whole(Tensor tensor, long index) {
    long value = tensor.longAt(index);
    return tensor.type() == ElementType.UINT64
        ? Long.toUnsignedString(value)
        : Long.toString(value);
  }
}
