/** A pipeline of two models: release and ask. Start at {@link TwoJudges}. */
@NullMarked
package dev.lathe.examples.pipeline;

import org.jspecify.annotations.NullMarked;
