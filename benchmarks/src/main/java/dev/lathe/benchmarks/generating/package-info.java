/**
 * How quickly decoders read prompts and write texts, beside llama.cpp and beside what the machine
 * could do; what forms of weights cost in quality; and whether a server of texts holds anything
 * back after a storm of requests.
 *
 * <p>Start at {@link dev.lathe.benchmarks.generating.Generate}, {@link
 * dev.lathe.benchmarks.generating.QuantizedForms} and {@link
 * dev.lathe.benchmarks.generating.Storm}.
 */
@NullMarked
package dev.lathe.benchmarks.generating;

import org.jspecify.annotations.NullMarked;
