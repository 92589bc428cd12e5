package dev.lathe.train.data.source;

import dev.hardwood.InputFile;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of one row group; each column is opened when it is first asked for. */
final class ParquetRows implements RecordReader {
  private final ParquetSource source;
  private final ParquetSource.Group group;
  private final ParquetFileReader reader;
  private final @Nullable ParquetColumn[] columns;
  private long row = -1;

  ParquetRows(ParquetSource source, ParquetSource.Group group) throws IOException {
    this.source = source;
    this.group = group;
    this.columns = new ParquetColumn[source.fields().size()];
    this.reader = ParquetFileReader.open(InputFile.of(source.file()));
  }

  @Override
  public boolean next() {
    row++;
    return row < group.rows();
  }

  private ParquetColumn column(int field) {
    ParquetColumn column = columns[field];
    if (column == null) {
      String place = place(field);
      column =
          ParquetSource.guarded(
              source.file(), () -> new ParquetColumn(source.column(field), open(field), place));
      columns[field] = column;
    }
    if (!column.go(row)) {
      ParquetColumn behind = column;
      ParquetSource.guarded(source.file(), () -> behind.advance(row));
    }
    return column;
  }

  private ColumnReader open(int field) {
    return reader
        .buildColumnReader(source.column(field).columnIndex())
        .filter(RowGroupPredicate.byteRange(group.start(), group.end()))
        .build();
  }

  @Override
  public float number(int field, int index) {
    double value = column(field).number();
    return Double.isNaN(value) ? notNumber(field) : Numbers.finite(value, this, field);
  }

  @Override
  public boolean isMissing(int field) {
    return Double.isNaN(column(field).number()) && Numbers.isMissing(column(field).text());
  }

  private float notNumber(int field) {
    throw Numbers.none(column(field).text(), Numbers.EXPECTED, this, field);
  }

  @Override
  public String text(int field) {
    return column(field).text().strip();
  }

  @Override
  public String place(int field) {
    return source.file()
        + ": row "
        + (group.before() + row + 1)
        + ": "
        + source.column(field).fieldPath();
  }

  @Override
  public void close() {
    ParquetSource.guarded(source.file(), this::closed);
  }

  private boolean closed() throws IOException {
    for (ParquetColumn column : columns) {
      if (column != null) {
        column.close();
      }
    }
    reader.close();
    return true;
  }
}
