package dev.lathe.generate.engine;

/**
 * What a decoder is to run: one new token for each of {@code rows} neighbouring rows, or {@code
 * width} new tokens for one row. One object serves all runs.
 */
public final class Run {
  private final int[] tokens;
  private final int[] lengths;
  private final int[] wanted;
  private final int[] adapters;
  private int arena;
  private int first;
  private int rows;
  private int width;
  private int wantedCount;

  /**
   * Room for runs.
   *
   * @param rows the most rows
   * @param width the most tokens of one row
   */
  public Run(int rows, int width) {
    tokens = new int[Math.max(rows, width)];
    lengths = new int[rows];
    adapters = new int[rows];
    wanted = new int[Math.max(rows, width)];
  }

  /** Begins a run over neighbouring rows, or with several tokens of one. */
  void begin(Spot spot, int rowCount, int tokensOfRow) {
    arena = spot.arena();
    first = spot.row();
    rows = rowCount;
    width = tokensOfRow;
    wantedCount = 0;
  }

  /** Says what a row holds already, and that its new tokens begin so. */
  void row(int index, int length, int token) {
    lengths[index] = length;
    adapters[index] = 0;
    tokens[index * width] = token;
  }

  /** Says which adapter a row has; none unless that is said. */
  void adapter(int index, int place) {
    adapters[index] = place;
  }

  /** Says a new token of the only row. */
  void token(int index, int token) {
    tokens[index] = token;
  }

  /** Wants the scores after a new token; gives the index they will have. */
  int want(int index) {
    wanted[wantedCount] = index;
    return wantedCount++;
  }

  /**
   * Which arena.
   *
   * @return from 0
   */
  public int arena() {
    return arena;
  }

  /**
   * The first row.
   *
   * @return from 0
   */
  public int first() {
    return first;
  }

  /**
   * How many rows.
   *
   * @return B
   */
  public int rows() {
    return rows;
  }

  /**
   * How many new tokens each has.
   *
   * @return S
   */
  public int width() {
    return width;
  }

  /**
   * A new token.
   *
   * @param index of B · S
   * @return the token
   */
  public int tokenAt(int index) {
    return tokens[index];
  }

  /**
   * What a row holds already.
   *
   * @param index which row, counted from the first
   * @return tokens; the new ones are written from this place on
   */
  public int lengthAt(int index) {
    return lengths[index];
  }

  /**
   * Which adapter a row has.
   *
   * @param index which row, counted from the first
   * @return its place among those in memory; 0 for none
   */
  public int adapterAt(int index) {
    return adapters[index];
  }

  /**
   * How many scores are wanted.
   *
   * @return R
   */
  public int wanted() {
    return wantedCount;
  }

  /**
   * After which new token scores are wanted.
   *
   * @param index of R
   * @return of B · S
   */
  public int wantedAt(int index) {
    return wanted[index];
  }
}
