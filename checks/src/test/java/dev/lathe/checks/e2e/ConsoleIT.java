package dev.lathe.checks.e2e;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.options.BoundingBox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console in a real browser. */
class ConsoleIT {
  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox",
          "--disable-gpu",
          "--disable-quic",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  @TempDir Path folder;

  @Test
  void drawing_isAnsweredWithProbabilities() {
    Path chromium = chromium();
    Product product = new Product(folder);
    Path recipe = Recipes.small(folder, "team/digits", 4, 2);
    product.run("train", recipe.toString(), "--data", "data").expect(0);
    product.run("deploy", "team/digits@v1", "--env", "prod", "--data", "data").expect(0);
    try (Product.Server server = product.serve(folder.resolve("data"));
        Playwright playwright =
            Playwright.create(
                new Playwright.CreateOptions()
                    .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        Browser browser =
            playwright
                .chromium()
                .launch(
                    new BrowserType.LaunchOptions().setExecutablePath(chromium).setArgs(FLAGS))) {
      Page page = browser.newPage();
      List<String> complaints = new ArrayList<>();
      page.onConsoleMessage(
          message -> {
            if (message.type().equals("error")) {
              complaints.add(message.text());
            }
          });
      page.onPageError(complaints::add);
      page.navigate(server.address() + "/");
      page.getByText("team/digits").first().click();
      assertThat(page.locator("#versions")).containsText("v1");
      assertThat(page.locator("#environments")).containsText("prod");
      drawOne(page);
      assertThat(page.locator("#probabilities")).containsText(Pattern.compile("\\d+(\\.\\d+)? ?%"));
      assertThat(page.locator("#answer")).containsText(Pattern.compile("\\d"));
      page.locator("#nav-jobs").click();
      assertThat(page.locator("main")).containsText("succeeded");
      assertThat(complaints).isEmpty();
    }
  }

  private static void drawOne(Page page) {
    Locator canvas = page.locator("#canvas");
    canvas.scrollIntoViewIfNeeded();
    BoundingBox box = canvas.boundingBox();
    page.mouse().move(box.x + box.width / 2, box.y + box.height * 0.2);
    page.mouse().down();
    for (int i = 2; i <= 8; i++) {
      page.mouse().move(box.x + box.width / 2, box.y + box.height * i / 10);
    }
    page.mouse().up();
  }

  private static Path chromium() {
    Path found =
        Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
            .map(Path::of)
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(Path.of(""));
    assumeTrue(Files.isExecutable(found), "skipped: no Chromium is installed");
    return found;
  }
}
