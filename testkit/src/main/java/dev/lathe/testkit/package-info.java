/** Generators, number comparison, fixtures; for tests only. */
@NullMarked
package dev.lathe.testkit;

import org.jspecify.annotations.NullMarked;
