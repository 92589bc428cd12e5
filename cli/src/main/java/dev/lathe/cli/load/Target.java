package dev.lathe.cli.load;

/** What is asked. Any number of threads may ask at the same time. */
public interface Target extends AutoCloseable {
  /**
   * Asks once and waits for the answer.
   *
   * @throws dev.lathe.ir.LatheException if there is none
   */
  void ask();

  /**
   * What a question holds.
   *
   * @return its rows
   */
  int rows();

  @Override
  void close();
}
