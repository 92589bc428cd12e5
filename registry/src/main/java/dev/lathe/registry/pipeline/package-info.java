/**
 * Reading and checking pipelines. Private to the room; start at {@link
 * dev.lathe.registry.Pipeline}.
 */
@NullMarked
package dev.lathe.registry.pipeline;

import org.jspecify.annotations.NullMarked;
