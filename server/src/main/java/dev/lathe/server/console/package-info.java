/**
 * The console: pages for people at {@code /}, rendered here, with small scripts that speak the same
 * API as everyone else.
 *
 * <p>Start at {@link dev.lathe.server.console.ConsoleDoor}. Text from outside reaches a page only
 * through {@link dev.lathe.server.console.Html}, which escapes it; the content security policy
 * allows nothing that does not come from this server.
 */
@NullMarked
package dev.lathe.server.console;

import org.jspecify.annotations.NullMarked;
