package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.train.Recipe;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void pages_becomeQuestionsForTheirHeadings() {
    String page =
        """
        # Versions
        A version is a tag
        that nobody changes.

        Another paragraph about versions.
        ## Environments

        An environment is a branch of its own.

        short
        """;
    Turns turns = Turns.ofPages(List.of(page));
    assertThat(turns.text())
        .isEqualTo(
            """
            user: What about Versions?
            assistant: A version is a tag that nobody changes.
            user: More about Versions?
            assistant: Another paragraph about versions.
            user: What about Environments?
            assistant: An environment is a branch of its own.
            """);
    assertThat(turns.count()).isEqualTo(3);
    assertThat(turns.question()).isEqualTo("What about Versions?");
  }

  @Test
  void text_becomesATurnForEachParagraph() {
    Turns turns = Turns.ofText("ROMEO:\nO, she\n\nJULIET:\nAy me!\r\n\r\nalone");
    assertThat(turns.text()).isEqualTo("user: ROMEO: O, she\nassistant: JULIET: Ay me!\n");
  }

  @Test
  void longParagraphs_endWithASentence() {
    Turns turns = Turns.ofText("a\n\n" + "One sentence here. ".repeat(40));
    assertThat(turns.text().lines().toList().getLast()).hasSizeLessThan(340).endsWith("here.");
  }

  @Test
  void recipe_isARecipe() {
    Recipe recipe =
        Recipe.parse(
            TextQuickstart.resource("quickstart-text.yaml"), "quickstart", Path.of("folder"));
    assertThat(recipe.release().files()).hasSize(2);
    assertThat(recipe.deploy()).isEqualTo("prod");
  }
}
