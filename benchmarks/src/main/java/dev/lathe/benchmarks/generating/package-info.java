/**
 * How quickly decoders read prompts and write texts, beside llama.cpp and beside what the machine
 * could do; and what forms of weights cost in quality.
 *
 * <p>Start at {@link dev.lathe.benchmarks.generating.Generate} and {@link
 * dev.lathe.benchmarks.generating.QuantizedForms}.
 */
@NullMarked
package dev.lathe.benchmarks.generating;

import org.jspecify.annotations.NullMarked;
