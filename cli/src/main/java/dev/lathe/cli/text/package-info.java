/**
 * What a terminal can show: tables, bars, pictures, times, in colour where there is colour.
 *
 * <p>Start at {@link dev.lathe.cli.text.Screen}. Nothing here knows what a model is.
 */
@NullMarked
package dev.lathe.cli.text;

import org.jspecify.annotations.NullMarked;
