package dev.lathe.transform.shape;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.Dim;
import org.junit.jupiter.api.Test;

class TermTest {
  private static final Term N = Term.of(Dim.of("N"));
  private static final Term T = Term.of(Dim.of("T"));

  @Test
  void productOfSymbols_isOneSymbolWhateverTheOrder() {
    assertThat(N.times(Term.of(4)).times(T)).isEqualTo(T.times(N).times(Term.of(4)));
    assertThat(N.times(T).times(Term.of(4)).toDim()).isEqualTo(Dim.of("4*N*T"));
  }

  @Test
  void productReadBackFromItsName_isTheSameTerm() {
    Term product = N.times(T).times(Term.of(4));
    assertThat(Term.of(product.toDim())).isEqualTo(product);
  }

  @Test
  void quotient_cancelsSymbols() {
    assertThat(N.times(T).times(Term.of(6)).dividedBy(T.times(Term.of(2))))
        .isEqualTo(N.times(Term.of(3)));
    assertThat(N.dividedBy(Term.of(2)).toDim()).isEqualTo(Dim.of("floor(N / 2)"));
  }

  @Test
  void sum_collectsLikeTermsAndNamesUnlikeOnes() {
    assertThat(N.plus(N)).isEqualTo(N.times(Term.of(2)));
    assertThat(N.plus(T)).isEqualTo(T.plus(N));
    assertThat(N.minus(N).is(0)).isTrue();
    assertThat(N.plus(Term.of(0))).isEqualTo(N);
  }

  @Test
  void unknown_staysUnknown_butForZero() {
    assertThat(Term.UNKNOWN.times(N)).isEqualTo(Term.UNKNOWN);
    assertThat(Term.UNKNOWN.plus(N)).isEqualTo(Term.UNKNOWN);
    assertThat(Term.UNKNOWN.times(Term.of(0)).is(0)).isTrue();
    assertThat(N.dividedBy(Term.of(0))).isEqualTo(Term.UNKNOWN);
  }

  @Test
  void overflow_isUnknown() {
    Term large = Term.of(Long.MAX_VALUE / 2);
    assertThat(large.times(Term.of(4))).isEqualTo(Term.UNKNOWN);
    assertThat(Term.of(-3).times(Term.of(5)).is(-15)).isTrue();
    assertThat(Term.of(-3).toDim()).isEqualTo(Dim.UNKNOWN);
  }
}
