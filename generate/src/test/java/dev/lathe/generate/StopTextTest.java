package dev.lathe.generate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StopTextTest {
  @Test
  void stopAcrossPieces_endsTheTextBeforeIt() {
    StopText stop = new StopText(List.of("\nUser:"));
    assertThat(stop.push("Hello\n")).isEqualTo("Hello");
    assertThat(stop.push("Us")).isEmpty();
    assertThat(stop.push("er: x")).isEmpty();
    assertThat(stop.found()).isEqualTo("\nUser:");
    assertThat(stop.push("more")).isEmpty();
    assertThat(stop.finish()).isEmpty();
  }

  @Test
  void beginningOfAStop_isShownOnceItIsNone() {
    StopText stop = new StopText(List.of("abcd", "xy"));
    assertThat(stop.push("zabc")).isEqualTo("z");
    assertThat(stop.push("abx")).isEqualTo("abcab");
    assertThat(stop.finish()).isEqualTo("x");
    assertThat(stop.found()).isEmpty();
  }

  @Test
  void stopCompletedFirst_ends_andOfTwoTheLonger() {
    StopText first = new StopText(List.of("abc", "b"));
    assertThat(first.push("xabc")).isEqualTo("xa");
    assertThat(first.found()).isEqualTo("b");
    StopText longer = new StopText(List.of("c", "abc"));
    assertThat(longer.push("xab")).isEqualTo("x");
    assertThat(longer.push("c")).isEmpty();
    assertThat(longer.found()).isEqualTo("abc");
  }

  @Test
  void anyPieces_giveWhatTheWholeTextGives() {
    for (long seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      List<String> stops =
          random.ints(random.nextInt(1, 4), 1, 5).mapToObj(n -> letters(random, n)).toList();
      String text = letters(random, 30);
      StopText stop = new StopText(stops);
      StringBuilder shown = new StringBuilder();
      for (int at = 0; at < text.length(); ) {
        int next = Math.min(text.length(), at + random.nextInt(1, 5));
        shown.append(stop.push(text.substring(at, next)));
        at = next;
      }
      shown.append(stop.finish());
      assertThat(shown.toString()).as("seed " + seed).isEqualTo(expected(text, stops));
    }
  }

  private static String letters(Random random, int count) {
    StringBuilder text = new StringBuilder();
    random.ints(count, 'a', 'c').forEach(text::appendCodePoint);
    return text.toString();
  }

  private static String expected(String text, List<String> stops) {
    for (int end = 1; end <= text.length(); end++) {
      for (int start = 0; start < end; start++) {
        if (stops.contains(text.substring(start, end))) {
          return text.substring(0, start);
        }
      }
    }
    return text;
  }

  @Test
  void emptyHugeAndManyStops_areRefused() {
    assertThatThrownBy(() -> new StopText(List.of("")))
        .hasMessage("stop: text 0: length 0 (expected: 1 to 1024)");
    assertThatThrownBy(() -> new StopText(List.of("a", "b".repeat(2000))))
        .hasMessage("stop: text 1: length 2000 (expected: 1 to 1024)");
    assertThatThrownBy(() -> new StopText(Collections.nCopies(10_000, "a")))
        .hasMessage("stop: 10000 texts (expected: at most 128)");
  }
}
