package dev.lathe.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextTest {
  private static Screen screen(Screen.Traits traits) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return new Screen(nowhere, nowhere, traits);
  }

  @Test
  void table_alignsColumnsAndCountsNoEscapes() {
    Table table = new Table("A", "LONG");
    table.row("\u001b[31mred\u001b[0m", "x");
    table.row("é", "y\tz");
    assertThat(table.lines()).containsExactly("A    LONG", "\u001b[31mred\u001b[0m  x", "é    y z");
  }

  @Test
  void ago_usesTheLargestUnit() {
    Instant now = Instant.parse("2030-01-10T00:00:00Z");
    assertThat(Words.ago(now.minusSeconds(59), now)).isEqualTo("59 s ago");
    assertThat(Words.ago(now.minusSeconds(3599), now)).isEqualTo("59 min ago");
    assertThat(Words.ago(now.minusSeconds(86400), now)).isEqualTo("1 day ago");
    assertThat(Words.ago(now.plusSeconds(5), now)).isEqualTo("now");
  }

  @Test
  void exact_saysSecondsBelowTheHour() {
    assertThat(Words.exact(Duration.ofMillis(1234))).isEqualTo("1.2 s");
    assertThat(Words.exact(Duration.ofSeconds(95))).isEqualTo("1 min 35 s");
    assertThat(Words.exact(Duration.ofMinutes(125))).isEqualTo("2 h 5 min");
  }

  @Test
  void size_isBinary() {
    assertThat(Words.size(1023)).isEqualTo("1023 B");
    assertThat(Words.size(1536)).isEqualTo("1.5 KiB");
  }

  @Test
  void percent_neverRoundsUpToCertainty() {
    assertThat(Words.percent(0.9999)).isEqualTo("99.9 %");
    assertThat(Words.percent(1)).isEqualTo("100.0 %");
    assertThat(Words.percent(0.7)).isEqualTo("70.0 %");
  }

  @Test
  void headline_prefersTheTest() {
    Map<String, Double> all = Map.of("train_loss", 1.0, "test_accuracy", 0.5);
    assertThat(Words.headline(all)).isEqualTo("test_accuracy 50.00 %");
    assertThat(Words.headline(Map.of("loss", 0.125))).isEqualTo("loss 0.1250");
    assertThat(Words.headline(Map.of())).isEqualTo("-");
  }

  @Test
  void bars_putTheLargestFirst() {
    List<Bars.Share> shares = List.of(new Bars.Share("a", 0.25), new Bars.Share("bb", 0.75));
    Screen ascii = screen(new Screen.Traits(false, false, false, false, 80));
    assertThat(Bars.lines(shares, 5, ascii))
        .containsExactly("  bb   75.0 %  " + "#".repeat(23), "   a   25.0 %  " + "#".repeat(8));
    assertThat(Bars.lines(shares, 1, screen(Screen.Traits.PIPE)))
        .containsExactly("  bb   75.0 %  " + "█".repeat(22) + "▌");
  }

  @Test
  void picture_putsTwoRowsIntoALine() {
    Picture picture = new Picture(new double[] {1, 0, 1, 0, 1, 1, 0, 0}, 4);
    assertThat(picture.lines(screen(Screen.Traits.PIPE))).containsExactly("  █▄▀");
    Screen ascii = screen(new Screen.Traits(false, false, false, false, 80));
    assertThat(picture.lines(ascii)).containsExactly("  @++");
  }

  @Test
  void picture_shrinksToANarrowTerminal() {
    Picture wide = new Picture(new double[200 * 100], 200);
    Screen narrow = screen(new Screen.Traits(true, true, true, true, 44));
    assertThat(wide.lines(narrow)).hasSize(10);
  }
}
