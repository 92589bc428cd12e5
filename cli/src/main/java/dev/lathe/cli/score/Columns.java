package dev.lathe.cli.score;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Tensor;
import dev.lathe.server.VersionDetails.Port;
import dev.lathe.train.Records;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Which fields of a record become which input of a model. A model of one input takes all chosen
 * fields in their order; a model of several takes for each the field of its name.
 */
final class Columns {
  /** From here on, not every integer is a number of 32 bits, or of 64. */
  private static final double EXACT_IN_FLOAT = 1 << 24;

  private static final double EXACT_IN_DOUBLE = 1L << 53;

  private final List<Source> sources;
  private final boolean holes;

  /**
   * Where an input comes from.
   *
   * @param port the input
   * @param fields places of the fields whose values follow each other in it
   * @param width E: elements of one example
   */
  private record Source(Port port, ElementType type, List<Integer> fields, int width) {}

  private Columns(List<Source> sources, boolean holes) {
    this.sources = sources;
    this.holes = holes;
  }

  /**
   * Finds the fields of each input.
   *
   * @param ports the model's inputs
   * @param fields what the records have
   * @param choice which of them are features
   * @throws LatheException BAD_COLUMNS if they do not fit
   */
  static Columns of(List<Port> ports, List<Records.Field> fields, Choice choice) {
    if (ports.isEmpty()) {
      throw bad("a model without inputs (expected: at least 1)");
    }
    List<Source> sources = new ArrayList<>();
    if (ports.size() == 1) {
      sources.add(source(ports.getFirst(), fields, choice.places(fields)));
    } else {
      for (Port port : ports) {
        sources.add(source(port, fields, List.of(Choice.place(fields, port.name()))));
      }
    }
    return new Columns(List.copyOf(sources), choice.holes());
  }

  private static Source source(Port port, List<Records.Field> fields, List<Integer> places) {
    ElementType type = Datatypes.of(port);
    long expected = exampleSize(port);
    long given = places.stream().mapToLong(place -> fields.get(place).width()).sum();
    if (expected >= 0 && expected != given) {
      throw bad(
          "input \""
              + port.name()
              + "\": "
              + given
              + " columns (expected: "
              + expected
              + "; choose them by --columns, or leave some out by --without)");
    }
    return new Source(port, type, places, Math.toIntExact(given));
  }

  /** Elements of one example; -1 if any number will do. */
  private static long exampleSize(Port port) {
    long size = 1;
    for (long dim : port.shape().subList(Math.min(1, port.shape().size()), port.shape().size())) {
      size = dim < 0 || size < 0 ? -1 : Math.multiplyExact(size, dim);
    }
    return size;
  }

  /** Space for a number of rows, to be filled one by one. */
  Rows rows(int capacity) {
    return new Rows(capacity);
  }

  static LatheException bad(String message) {
    return new LatheException(ScoreError.BAD_COLUMNS, message);
  }

  /** The inputs of the rows that share a run. */
  final class Rows {
    private final List<double[]> numbers = new ArrayList<>();
    private final List<long[]> integers = new ArrayList<>();
    private final List<List<String>> texts = new ArrayList<>();
    private final int capacity;
    private int count;

    private Rows(int capacity) {
      this.capacity = capacity;
      for (Source source : sources) {
        int size = Math.multiplyExact(capacity, source.width());
        numbers.add(new double[source.type().isFloating() ? size : 0]);
        integers.add(new long[source.type().isFloating() || isText(source) ? 0 : size]);
        texts.add(new ArrayList<>());
      }
    }

    boolean isFull() {
      return count == capacity;
    }

    int count() {
      return count;
    }

    void clear() {
      count = 0;
      texts.forEach(List::clear);
    }

    void add(Records.Row row, List<Records.Field> fields) {
      for (int i = 0; i < sources.size(); i++) {
        Source source = sources.get(i);
        int at = count * source.width();
        for (int field : source.fields()) {
          int width = fields.get(field).width();
          for (int k = 0; k < width; k++) {
            put(i, at++, new Cell(row, field, k, width));
          }
        }
      }
      count++;
    }

    private record Cell(Records.Row row, int field, int index, int width) {
      /**
       * As exact as the input's type: lists of numbers are held in 32 bits, single ones as text.
       */
      double number(ElementType type) {
        float single = row.number(field, index);
        return type == ElementType.DOUBLE && width == 1 && Float.isFinite(single)
            ? Double.parseDouble(row.text(field).strip())
            : single;
      }

      long integer() {
        if (width > 1) {
          float number = row.number(field, index);
          if (number != Math.rint(number) || Math.abs(number) >= EXACT_IN_FLOAT) {
            throw bad(
                row.place(field)
                    + ": element "
                    + index
                    + ", about "
                    + number
                    + " (expected: an integer below 2^24; larger ones exactly need a column each)");
          }
          return (long) number;
        }
        String text = row.text(field).strip();
        try {
          return Long.parseLong(text);
        } catch (NumberFormatException e) {
          float checked = row.number(field, 0);
          double number = Float.isFinite(checked) ? Double.parseDouble(text) : checked;
          if (number != Math.rint(number) || Math.abs(number) > EXACT_IN_DOUBLE) {
            throw bad(row.place(field) + ": \"" + text + "\" (expected: an integer)");
          }
          return (long) number;
        }
      }
    }

    private void put(int input, int at, Cell cell) {
      Source source = sources.get(input);
      if (isText(source)) {
        texts.get(input).add(cell.row().text(cell.field()));
      } else if (source.type().isFloating()) {
        boolean missing = holes && cell.row().isMissing(cell.field());
        numbers.get(input)[at] = missing ? Double.NaN : cell.number(source.type());
      } else {
        integers.get(input)[at] = cell.integer();
      }
    }

    /**
     * The rows as tensors, [size, ...], by the inputs' names.
     *
     * @param size at least the number of rows; where it is more, the last row is repeated
     */
    Map<String, Tensor> tensors(int size) {
      while (count < size) {
        repeatLast();
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (int i = 0; i < sources.size(); i++) {
        Source source = sources.get(i);
        tensors.put(source.port().name(), tensor(i, source));
      }
      return tensors;
    }

    private void repeatLast() {
      for (int i = 0; i < sources.size(); i++) {
        int width = sources.get(i).width();
        int from = (count - 1) * width;
        if (isText(sources.get(i))) {
          texts.get(i).addAll(List.copyOf(texts.get(i).subList(from, from + width)));
        } else if (sources.get(i).type().isFloating()) {
          System.arraycopy(numbers.get(i), from, numbers.get(i), from + width, width);
        } else {
          System.arraycopy(integers.get(i), from, integers.get(i), from + width, width);
        }
      }
      count++;
    }

    private Tensor tensor(int input, Source source) {
      int size = count * source.width();
      long[] dims = dims(source);
      if (isText(source)) {
        return Tensor.ofStrings(List.copyOf(texts.get(input)), dims);
      }
      if (source.type() == ElementType.INT64) {
        return Tensor.ofLongs(Arrays.copyOf(integers.get(input), size), dims);
      }
      double[] values =
          source.type().isFloating()
              ? Arrays.copyOf(numbers.get(input), size)
              : IntStream.range(0, size).mapToDouble(k -> integers.get(input)[k]).toArray();
      return Tensor.ofValues(source.type(), values, dims);
    }

    private long[] dims(Source source) {
      List<Long> shape = source.port().shape();
      long[] dims = new long[Math.max(1, shape.size())];
      dims[0] = count;
      int open = 0;
      long known = 1;
      for (int i = 1; i < dims.length; i++) {
        dims[i] = shape.get(i);
        open += dims[i] < 0 ? 1 : 0;
        known *= dims[i] < 0 ? 1 : dims[i];
      }
      if (open > 1 || known > 0 && source.width() % known != 0) {
        throw bad(
            "input \""
                + source.port().name()
                + "\": "
                + source.width()
                + " columns do not tell the shape "
                + shape);
      }
      for (int i = 1; i < dims.length; i++) {
        dims[i] = dims[i] < 0 ? source.width() / known : dims[i];
      }
      return dims;
    }
  }

  private static boolean isText(Source source) {
    return source.type() == ElementType.STRING;
  }
}
