package dev.lathe.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.recipe.Form.Choice;
import dev.lathe.train.recipe.Form.Column;
import dev.lathe.train.recipe.Form.Each;
import dev.lathe.train.recipe.Form.Either;
import dev.lathe.train.recipe.Form.Fields;
import dev.lathe.train.recipe.Form.Flag;
import dev.lathe.train.recipe.Form.Key;
import dev.lathe.train.recipe.Form.Many;
import dev.lathe.train.recipe.Form.Name;
import dev.lathe.train.recipe.Form.Named;
import dev.lathe.train.recipe.Form.Need;
import dev.lathe.train.recipe.Form.Real;
import dev.lathe.train.recipe.Form.Text;
import dev.lathe.train.recipe.Form.Variants;
import dev.lathe.train.recipe.Form.Whole;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The page of recipes is made from the table that reads them. {@code -Ddocs.fix=true} writes it
 * anew.
 */
class RecipePageTest {
  private static final String PAGE = "docs/reference/recipe.md";
  private static final String FIX =
      "mvn -pl train -am test -Dtest=RecipePageTest -Ddocs.fix=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  private final StringBuilder page = new StringBuilder();

  @Test
  void page_saysWhatTheTableSays() throws IOException {
    page.append("# Recipes\n\n")
        .append("Every key of a training recipe, a YAML file. This page is made from the table")
        .append(" that reads recipes; write it anew with\n\n    ")
        .append(FIX)
        .append("\n\nEditors find the same as JSON Schema at `/api/v1/recipe.schema.json`.")
        .append(" A file's path is relative to the recipe's own folder.\n\n");
    keys(RecipeForm.RECIPE.keys(), 0);
    Path file = root().resolve(PAGE);
    if (Boolean.getBoolean("docs.fix")) {
      Files.writeString(file, page);
    }
    assertThat(file).as("run: " + FIX).hasContent(page.toString());
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("") : folder;
  }

  private void keys(List<Key> keys, int depth) {
    for (Key key : keys) {
      String standard = key.standard().toString();
      page.append("  ".repeat(depth)).append("- `").append(key.name()).append("`: ");
      page.append(key.about()).append(' ').append(words(key.form()));
      page.append(
          key.need() == Need.REQUIRED
              ? "; required"
              : standard.isEmpty() ? "" : "; `" + standard + "` if absent");
      page.append(".\n");
      inside(key.form(), depth + 1);
    }
  }

  private void inside(Form form, int depth) {
    switch (form) {
      case Fields fields -> keys(fields.keys(), depth);
      case Variants variants -> variants(variants, depth);
      case Named named -> variants(named.variants(), depth);
      case Many many -> inside(many.element(), depth);
      case Each each -> inside(each.element(), depth);
      case Either either -> inside(either.other(), depth);
      case Whole _, Real _, Text _, Flag _, Choice _, Name _, Column _ -> {}
    }
  }

  private void variants(Variants variants, int depth) {
    for (Map.Entry<String, Fields> variant : variants.cases().entrySet()) {
      page.append("  ".repeat(depth)).append("- `").append(variants.key()).append(": ");
      page.append(variant.getKey()).append("`\n");
      keys(variant.getValue().keys(), depth + 1);
    }
  }

  private static String words(Form form) {
    return switch (form) {
      case Whole whole -> "A whole number" + range(whole);
      case Real real ->
          "A number "
              + (real.leastExcluded() ? "above " : "from ")
              + plain(real.least())
              + " to "
              + plain(real.most());
      case Text text -> "Text: " + text.meaning();
      case Flag _ -> "`true` or `false`";
      case Choice choice -> "One of `" + String.join("`, `", choice.names()) + "`";
      case Name name -> words(name.names()) + ", or a name like `" + name.others() + "`";
      case Many many -> "A list of " + many.least() + " to " + many.most();
      case Column _ -> "A name, a place, or a list of them";
      case Fields _ -> "A mapping";
      case Either either -> either.meaning();
      case Each _ -> "A mapping";
      case Variants variants -> "A mapping whose `" + variants.key() + "` decides the other keys";
      case Named named ->
          "A mapping whose `" + named.variants().key() + "` decides the other keys, or that alone";
    };
  }

  private static String range(Whole whole) {
    boolean any = whole.least() == Long.MIN_VALUE && whole.most() == Long.MAX_VALUE;
    return any ? "" : " from " + whole.least() + " to " + whole.most();
  }

  private static String plain(double number) {
    return new BigDecimal(Double.toString(number)).stripTrailingZeros().toPlainString();
  }
}
