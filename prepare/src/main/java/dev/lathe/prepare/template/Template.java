package dev.lathe.prepare.template;

import dev.lathe.ir.LatheException;
import dev.lathe.prepare.PrepareError;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A template that was read. Immutable; may be used by many threads. */
public final class Template {
  private static final int LONGEST = 1 << 20;

  private final List<Stmt> body;

  private Template(List<Stmt> body) {
    this.body = body;
  }

  /**
   * Reads a template.
   *
   * @param source its text
   * @return the template
   * @throws LatheException BAD_TEMPLATE with the line of what cannot be read, or is not supported
   */
  public static Template of(String source) {
    if (source.length() > LONGEST) {
      throw bad(source.length() + " characters (expected: at most " + LONGEST + ")");
    }
    try {
      return new Template(Statements.of(source));
    } catch (Fault fault) {
      throw bad(String.valueOf(fault.getMessage()));
    }
  }

  /**
   * Renders the template.
   *
   * @param variables what it is given: nulls, booleans, longs, doubles, texts, lists and maps of
   *     such; nothing in them is changed
   * @param now the time that {@code strftime_now} tells
   * @return the text
   * @throws LatheException REFUSED_BY_TEMPLATE with the template's own words; BAD_TEMPLATE with the
   *     line where it fails, or uses more than a template may
   */
  public String render(
      Map<String, ? extends @Nullable Object> variables, Supplier<ZonedDateTime> now) {
    Scope scope = new Scope(Globals.scope(now));
    variables.forEach(scope::set);
    Renderer renderer = new Renderer();
    try {
      return renderer.render(body, scope);
    } catch (Fault fault) {
      String message = String.valueOf(fault.getMessage());
      if (fault.isRaised()) {
        throw new LatheException(PrepareError.REFUSED_BY_TEMPLATE, message, fault);
      }
      throw bad("line " + renderer.line() + ": " + message);
    }
  }

  private static LatheException bad(String what) {
    return new LatheException(PrepareError.BAD_TEMPLATE, "chat template: " + what);
  }
}
