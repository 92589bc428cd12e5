package dev.lathe.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.server.config.Form.Fields;
import dev.lathe.server.config.Form.Key;
import dev.lathe.server.config.Form.Many;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * The page of the server's settings is made from the table that reads them. {@code -Ddocs.fix=true}
 * writes it anew.
 */
class ServerPageTest {
  private static final String PAGE = "docs/reference/server.md";
  private static final String FIX =
      "mvn -pl server -am test -Dtest=ServerPageTest -Ddocs.fix=true"
          + " -Dsurefire.failIfNoSpecifiedTests=false";

  private final StringBuilder page = new StringBuilder();

  @Test
  void page_saysWhatTheTableSays() throws IOException {
    page.append(
        """
        # Settings of the server

        `lathe serve --config server.yaml` reads one YAML file. A setting can also be given by a
        variable, `LATHE_<SECTION>_<KEY>` (`LATHE_LISTEN_PORT=9000`), and by a flag, `--set
        listen.port=9000`; flags win over variables, and those over the file. A key that is not
        listed here stops the start. Files are relative to the folder of the configuration file. The
        data directory is `--data` or `LATHE_DATA`.

        ```yaml
        listen:
          port: 9000
        limits:
          max_body: 16MiB
          timeout: 5s
        ```

        This page is made from the table that reads the settings; write it anew with

            %s
        """
            .formatted(FIX));
    for (Key section : ServerForm.SERVER.keys()) {
      page.append("\n## ").append(section.name()).append("\n\n");
      page.append(section.about()).append("\n\n");
      keys(((Fields) section.form()).keys(), 0, "LATHE_" + upper(section) + "_");
    }
    Path file = root().resolve(PAGE);
    if (Boolean.getBoolean("docs.fix")) {
      Files.writeString(file, page);
    }
    assertThat(file).as("run: " + FIX).hasContent(page.toString());
  }

  @Test
  void everyStandardValue_hasTheFormOfItsKey() {
    assertThat(ServerSettings.read(dev.lathe.server.ConfigSources.NONE).has("listen")).isTrue();
  }

  private static String upper(Key key) {
    return key.name().toUpperCase(Locale.ROOT);
  }

  private void keys(List<Key> keys, int depth, String variable) {
    for (Key key : keys) {
      page.append("  ".repeat(depth)).append("- `").append(key.name()).append("`: ");
      page.append(key.about()).append(' ');
      String words = ConfigReader.words(key.form());
      page.append(Character.toUpperCase(words.charAt(0))).append(words.substring(1));
      page.append(key.standard().isEmpty() ? "" : "; `" + key.standard() + "` if absent");
      page.append(variable.isEmpty() ? "" : " (`" + variable + upper(key) + "`)");
      page.append(".\n");
      switch (key.form()) {
        case Fields(List<Key> inner) -> keys(inner, depth + 1, variable + upper(key) + "_");
        case Many(Fields(List<Key> inner), int _) -> keys(inner, depth + 1, "");
        default -> {}
      }
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("ARCHITECTURE.md"))) {
      folder = folder.getParent();
    }
    return folder == null ? Path.of("") : folder;
  }
}
