/**
 * Chat templates: the part of Jinja that they use, understood as Python's Jinja2 understands it,
 * without Python. A template computes; it reaches nothing but what it is given, and its steps,
 * depth and output are bounded.
 *
 * <p>Start at {@link dev.lathe.prepare.template.Template}. Values are Java's: {@code null} is None,
 * {@code Boolean}, {@code Long}, {@code Double}, {@code String}, {@code List}, {@code Map}, and the
 * few classes here that implement {@code Value}.
 */
@NullMarked
package dev.lathe.prepare.template;

import org.jspecify.annotations.NullMarked;
