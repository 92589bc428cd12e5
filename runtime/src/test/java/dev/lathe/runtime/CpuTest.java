package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class CpuTest {
  @Test
  void vectorsOfBytes_areExactWithTheirInstructions() {
    Cpu with =
        Cpu.of(
            "amd64",
            List.of("processor\t: 0", "model name\t: Some CPU", "flags\t\t: fpu avx512_vnni"));
    assertThat(with.name()).isEqualTo("Some CPU");
    assertThat(with.features()).containsExactlyInAnyOrder("fpu", "avx512_vnni");
    assertThat(with.multipliesBytesExactly()).isTrue();
    Cpu without = Cpu.of("amd64", List.of("flags\t\t: fpu avx2"));
    assertThat(without.multipliesBytesExactly()).isFalse();
    assertThat(Cpu.of("aarch64", List.of()).multipliesBytesExactly()).isTrue();
  }

  @Test
  void thisMachine_isKnownByItsArchitecture() {
    assertThat(Cpu.current().architecture()).isEqualTo(System.getProperty("os.arch"));
  }
}
