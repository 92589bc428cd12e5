package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.registry.ByteRange.Part;
import dev.lathe.registry.ByteRange.Unsatisfiable;
import dev.lathe.registry.ByteRange.Whole;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ByteRangeTest {
  @Test
  void ranges_areThoseOfTheSpecification() {
    assertThat(ByteRange.parse("bytes=0-0", 10)).isEqualTo(new Part(0, 0, 10));
    assertThat(ByteRange.parse("bytes=3-", 10)).isEqualTo(new Part(3, 9, 10));
    assertThat(ByteRange.parse("bytes=3-99", 10)).isEqualTo(new Part(3, 9, 10));
    assertThat(ByteRange.parse("bytes=-4", 10)).isEqualTo(new Part(6, 9, 10));
    assertThat(ByteRange.parse("bytes=-40", 10)).isEqualTo(new Part(0, 9, 10));
    assertThat(ByteRange.parse("bytes=10-", 10)).isEqualTo(new Unsatisfiable(10));
    assertThat(ByteRange.parse("bytes=-0", 10)).isEqualTo(new Unsatisfiable(10));
    assertThat(ByteRange.parse("bytes=0-", 0)).isEqualTo(new Unsatisfiable(0));
    assertThat(new Part(3, 9, 10).contentRange()).isEqualTo("bytes 3-9/10");
    assertThat(new Part(3, 9, 10).length()).isEqualTo(7);
    assertThat(new Unsatisfiable(10).contentRange()).isEqualTo("bytes */10");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=0-1,3-4",
        "lines=0-1",
        "bytes=a-b",
        "bytes=99999999999999999999-",
        "bytes=--1",
        "bytes=0x1-"
      })
  void headerThatIsNoSingleRange_isIgnored(String header) {
    assertThat(ByteRange.parse(header, 10)).isEqualTo(new Whole());
  }
}
