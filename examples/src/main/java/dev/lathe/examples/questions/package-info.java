/** Questions about small texts, made by code. Start at {@link Facts}. */
@NullMarked
package dev.lathe.examples.questions;

import org.jspecify.annotations.NullMarked;
