/**
 * What the shape of an operator's outputs is: one table, {@link
 * dev.lathe.transform.shape.ShapeRules}, and the arithmetic of symbolic sizes below it.
 *
 * <p>Start at {@link dev.lathe.transform.shape.Inference}. Private to the room.
 */
@NullMarked
package dev.lathe.transform.shape;

import org.jspecify.annotations.NullMarked;
