/**
 * Data: from files, drawings and memory to examples that are split, normalized and ready to batch.
 *
 * <p>Start at {@link dev.lathe.train.data.Preparing}, which follows a recipe to {@link
 * dev.lathe.train.data.PreparedData}.
 */
@NullMarked
package dev.lathe.train.data;

import org.jspecify.annotations.NullMarked;
