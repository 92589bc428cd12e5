/**
 * The form in which a released decoder runs on this machine: with a cache, its weights in few bits,
 * chosen by measurement and kept on disk.
 *
 * <p>Start at {@link dev.lathe.generate.deploy.DeployForms}. What a form does to a graph is not
 * here but in room {@code transform}.
 */
@NullMarked
package dev.lathe.generate.deploy;

import org.jspecify.annotations.NullMarked;
