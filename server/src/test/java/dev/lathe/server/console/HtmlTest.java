package dev.lathe.server.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlTest {
  @Test
  void text_isEscapedForElementsAndAttributes() {
    assertThat(Html.of("<a title=\"{}\">{}</a>", "\"' onload=x", "<script>&").markup())
        .isEqualTo("<a title=\"&quot;&#39; onload=x\">&lt;script&gt;&amp;</a>");
  }

  @Test
  void markup_isNestedAsItIs() {
    Html item = Html.of("<li>{}</li>", "a<b");
    assertThat(Html.of("<ul>{}</ul>", List.of(item, item)).markup())
        .isEqualTo("<ul><li>a&lt;b</li><li>a&lt;b</li></ul>");
  }

  @Test
  void braces_inText_areNoHoles() {
    assertThat(Html.of("{}-{}", "{}", "x").markup()).isEqualTo("{}-x");
  }

  @Test
  void wrongNumberOfParts_isADefect() {
    assertThatThrownBy(() -> Html.of("{}")).hasMessageContaining("more holes");
    assertThatThrownBy(() -> Html.of("", "x")).hasMessageContaining("more parts");
  }
}
