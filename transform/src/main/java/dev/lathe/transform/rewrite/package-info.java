/**
 * Rewriting by small rules: {@link dev.lathe.transform.rewrite.Rewriter} drives, each {@link
 * dev.lathe.transform.rewrite.Rule} is one small class. Private to the room.
 */
@NullMarked
package dev.lathe.transform.rewrite;

import org.jspecify.annotations.NullMarked;
