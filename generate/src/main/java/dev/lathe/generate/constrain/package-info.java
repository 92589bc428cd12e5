/**
 * What may be said next: a constraint as an automaton over bytes, joined with the bytes of each
 * token. Forms ({@link Form}) become tables ({@link Automaton}); a {@link Place} is a set of stacks
 * in them and knows which tokens lead on.
 */
@NullMarked
package dev.lathe.generate.constrain;

import org.jspecify.annotations.NullMarked;
