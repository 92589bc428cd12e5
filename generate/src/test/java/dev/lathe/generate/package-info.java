@NullMarked
package dev.lathe.generate;

import org.jspecify.annotations.NullMarked;
