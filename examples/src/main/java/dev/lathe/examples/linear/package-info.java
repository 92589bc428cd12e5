/** Learn a linear map in Java: train, release, predict. Start at {@link LinearRegression}. */
@NullMarked
package dev.lathe.examples.linear;

import org.jspecify.annotations.NullMarked;
