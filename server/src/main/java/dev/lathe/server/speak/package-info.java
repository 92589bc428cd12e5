/** Text models behind the verb {@link dev.lathe.server.Lathe#speak}: here, and on a server. */
@NullMarked
package dev.lathe.server.speak;

import org.jspecify.annotations.NullMarked;
