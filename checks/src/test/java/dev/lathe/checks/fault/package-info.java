/** Kills, at any moment, and what must be true after them. */
@NullMarked
package dev.lathe.checks.fault;

import org.jspecify.annotations.NullMarked;
