package dev.lathe.checks.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's first promise: one command does the main job on real input, end to end. */
class QuickstartIT {
  private static final Pattern ACCURACY =
      Pattern.compile("(?i)accuracy[^0-9\\n]*([0-9]{2,3}(?:\\.[0-9]+)?) ?%");

  @Test
  void quickstart_trainsReleasesDeploysServesAndAnswers(@TempDir Path folder) {
    Product product = new Product(folder);
    Product.Result result =
        product.run("quickstart", "--once", "--data", "data", "--port", "0").expect(0);
    Matcher accuracy = ACCURACY.matcher(result.out());
    assertThat(accuracy.find()).as(result.out()).isTrue();
    assertThat(Double.parseDouble(accuracy.group(1))).isGreaterThanOrEqualTo(97.0);
    assertThat(result.out()).contains("demo/digits").contains("v1").contains("git clone");
    Product.Result again = product.run("log", "demo/digits", "--data", "data").expect(0);
    assertThat(again.out()).contains("v1");
  }
}
