/**
 * Many texts on one decoder. One thread takes steps: each is a run of one new token for all rows
 * that are ready, then a run of some tokens of one prompt, so that neither waits for the other.
 *
 * <p>Start at {@link dev.lathe.generate.engine.Scheduler}, which decides; {@link
 * dev.lathe.generate.engine.Decoder} computes; {@link dev.lathe.generate.engine.Engine} is the
 * thread.
 *
 * <p>Words: a <em>row</em> is a place for one text in the cache; an <em>arena</em> is the rows of
 * one capacity; a <em>sequence</em> is one answer in the making, with its prompt; what a sequence
 * has <em>computed</em> of its tokens is in its row; a <em>realm</em> is a tenant with an adapter,
 * whose texts alone share what is computed of their <em>beginnings</em>.
 */
@NullMarked
package dev.lathe.generate.engine;

import org.jspecify.annotations.NullMarked;
