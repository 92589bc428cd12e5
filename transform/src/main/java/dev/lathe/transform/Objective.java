package dev.lathe.transform;

/**
 * What a forward model is trained for.
 *
 * @param loss what is made small
 * @param prediction the output of the forward model that the loss looks at: raw scores
 */
public record Objective(Loss loss, String prediction) {}
