/**
 * Recipes as YAML: the text as a tree with places, the forms that it must have, and the way to and
 * from {@link dev.lathe.train.Recipe}.
 *
 * <p>Start at {@link dev.lathe.train.recipe.RecipeText}. One table, {@link
 * dev.lathe.train.recipe.RecipeForm}, says what a recipe may hold; the reader and the JSON Schema
 * both follow it.
 */
@NullMarked
package dev.lathe.train.recipe;

import org.jspecify.annotations.NullMarked;
