package dev.lathe.train;

/** How a file holds records. */
public enum RecordFormat {
  /** Comma-separated values (RFC 4180), UTF-8. */
  CSV,
  /** Comma-separated values whose first record names the columns. */
  CSV_WITH_HEADER,
  /** A JSON object in each line. */
  JSONL,
  /** Columns of an Apache Parquet file. */
  PARQUET
}
