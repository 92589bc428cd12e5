package dev.lathe.transform.shape;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Shape;
import java.util.List;
import java.util.Optional;

/**
 * What is known of one operator.
 *
 * @param elements element type of each output
 * @param shapes shape of each output; asked only if all given inputs are ranked
 * @param content elements of the first output, where they say something about shapes
 */
record ShapeRule(Elements elements, Shapes shapes, Content content) {
  /** Element types. */
  @FunctionalInterface
  interface Elements {
    ElementType of(ShapeCall call, int output);
  }

  /** Shapes of the outputs, at least as many as the operator requires. */
  @FunctionalInterface
  interface Shapes {
    List<Shape> of(ShapeCall call);
  }

  /** Elements of a small integer output. */
  @FunctionalInterface
  interface Content {
    Optional<List<Term>> of(ShapeCall call);
  }

  /** One output. */
  @FunctionalInterface
  interface One {
    Shape of(ShapeCall call);
  }

  static final Elements SAME = (call, _) -> call.element(0);
  static final Elements BOOL = (_, _) -> ElementType.BOOL;
  static final Elements INT64 = (_, _) -> ElementType.INT64;

  static ShapeRule of(Elements elements, One one) {
    return new ShapeRule(elements, call -> List.of(one.of(call)), _ -> Optional.empty());
  }

  static ShapeRule many(Elements elements, Shapes shapes) {
    return new ShapeRule(elements, shapes, _ -> Optional.empty());
  }

  ShapeRule with(Content newContent) {
    return new ShapeRule(elements, shapes, newContent);
  }
}
