/**
 * House rules that a machine can check: arrows, sizes, names, words, format, dead files. Limits
 * only ever go down: see {@code checks/tidy-limits.txt}.
 */
@NullMarked
package dev.lathe.checks.tidy;

import org.jspecify.annotations.NullMarked;
