package dev.lathe.ir;

/** A room's own name for an error. Each room has one enum that implements this. */
public interface ErrorCode {
  /**
   * The code's name, in upper case, stable for clients.
   *
   * @return the name, as {@link Enum#name()} gives it
   */
  String name();

  /**
   * The kind that doors map to a status.
   *
   * @return the kind
   */
  ErrorKind kind();
}
