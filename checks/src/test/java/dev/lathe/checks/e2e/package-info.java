/**
 * The packaged program as a process, spoken to over the command line, HTTP and git, and its console
 * in a real browser.
 */
@NullMarked
package dev.lathe.checks.e2e;

import org.jspecify.annotations.NullMarked;
