package dev.lathe.prepare.template;

/** Something that Python would raise. The template's reader learns the message and the line. */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean raised;

  Fault(String message) {
    this(message, false);
  }

  private Fault(String message, boolean raised) {
    super(message, null, false, false);
    this.raised = raised;
  }

  /** The template itself raises it. */
  static Fault raised(String message) {
    return new Fault(message, true);
  }

  boolean isRaised() {
    return raised;
  }
}
