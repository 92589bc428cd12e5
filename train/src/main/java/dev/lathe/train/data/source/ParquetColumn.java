package dev.lathe.train.data.source;

import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnSchema;

/** One column of a row group, a batch of values at a time. */
final class ParquetColumn implements AutoCloseable {
  private final ColumnReader reader;
  private final PhysicalType type;
  private final boolean unsigned;
  private Values values = new Values();
  private long first;
  private int count;
  private int at;

  /** The arrays of a batch, of which one has the values. */
  private static final class Values {
    private Validity validity = Validity.NO_NULLS;
    private boolean[] booleans = new boolean[0];
    private int[] ints = new int[0];
    private long[] longs = new long[0];
    private float[] floats = new float[0];
    private double[] doubles = new double[0];
    private String[] texts = new String[0];
  }

  ParquetColumn(ColumnSchema schema, ColumnReader reader, String place) {
    this.reader = reader;
    this.type = schema.type();
    this.unsigned = schema.logicalType() instanceof LogicalType.IntType ints && !ints.isSigned();
    if (schema.maxRepetitionLevel() > 0 || !isValue(schema)) {
      String logical = schema.logicalType() == null ? "" : " " + schema.logicalType();
      throw Numbers.bad(
          place
              + ": "
              + (schema.maxRepetitionLevel() > 0 ? "repeated " : "")
              + type
              + logical
              + " (expected: single whole or real numbers, booleans or text)");
    }
  }

  private static boolean isValue(ColumnSchema schema) {
    LogicalType logical = schema.logicalType();
    return switch (schema.type()) {
      case BOOLEAN, FLOAT, DOUBLE -> true;
      case INT32, INT64 -> logical == null || logical instanceof LogicalType.IntType;
      case BYTE_ARRAY ->
          logical == null
              || logical instanceof LogicalType.StringType
              || logical instanceof LogicalType.EnumType;
      case INT96, FIXED_LEN_BYTE_ARRAY -> false;
    };
  }

  /** Goes to a row at or after the one that it stands at; false if it is in another batch. */
  boolean go(long row) {
    at = (int) (row - first);
    return at < count;
  }

  /** Reads batches up to the one that has a row, and goes there. */
  boolean advance(long row) {
    while (row >= first + count) {
      first += count;
      if (!reader.nextBatch()) {
        throw new IllegalStateException("fewer values than rows");
      }
      count = reader.getRecordCount();
      values = batch();
    }
    return go(row);
  }

  private Values batch() {
    Values batch = new Values();
    batch.validity = reader.getLeafValidity();
    switch (type) {
      case BOOLEAN -> batch.booleans = reader.getBooleans();
      case INT32 -> batch.ints = reader.getInts();
      case INT64 -> batch.longs = reader.getLongs();
      case FLOAT -> batch.floats = reader.getFloats();
      case DOUBLE -> batch.doubles = reader.getDoubles();
      case BYTE_ARRAY -> batch.texts = reader.getStrings();
      case INT96, FIXED_LEN_BYTE_ARRAY -> throw new IllegalStateException("refused at first");
    }
    return batch;
  }

  private boolean isNull() {
    return values.validity.hasNulls() && values.validity.isNull(at);
  }

  /** The row's number; NaN where it has none. */
  double number() {
    if (isNull()) {
      return Double.NaN;
    }
    return switch (type) {
      case BOOLEAN -> values.booleans[at] ? 1 : 0;
      case INT32 -> unsigned ? Integer.toUnsignedLong(values.ints[at]) : values.ints[at];
      case INT64 ->
          unsigned && values.longs[at] < 0
              ? (values.longs[at] >>> 1) * 2.0
              : (double) values.longs[at];
      case FLOAT -> values.floats[at];
      case DOUBLE -> values.doubles[at];
      case BYTE_ARRAY, INT96, FIXED_LEN_BYTE_ARRAY -> Double.NaN;
    };
  }

  /** The row's value as text; a label is written like that. */
  String text() {
    if (isNull()) {
      return "";
    }
    return switch (type) {
      case BOOLEAN -> Boolean.toString(values.booleans[at]);
      case INT32 ->
          unsigned ? Integer.toUnsignedString(values.ints[at]) : Integer.toString(values.ints[at]);
      case INT64 ->
          unsigned ? Long.toUnsignedString(values.longs[at]) : Long.toString(values.longs[at]);
      case FLOAT -> Float.toString(values.floats[at]);
      case DOUBLE -> Double.toString(values.doubles[at]);
      case BYTE_ARRAY -> values.texts[at];
      case INT96, FIXED_LEN_BYTE_ARRAY -> "";
    };
  }

  @Override
  public void close() {
    reader.close();
  }
}
