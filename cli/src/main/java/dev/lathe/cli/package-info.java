/** The verbs from a terminal. */
@NullMarked
package dev.lathe.cli;

import org.jspecify.annotations.NullMarked;
