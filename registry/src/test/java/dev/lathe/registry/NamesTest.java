package dev.lathe.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.LatheException;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {
  @ParameterizedTest
  @ValueSource(strings = {"demo/digits", "a/b", "Org-1/model_v1.5", "x/con-artist", "0/9"})
  void ordinaryName_isTaken(String text) {
    assertThat(ModelName.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "a",
        "a/",
        "/b",
        "a/b/c",
        "../b",
        "a/..",
        "./b",
        "a/.b",
        "a/-b",
        "a/b..c",
        "a/b.git",
        "a/b.GIT",
        "a/b.lock",
        "a/b.",
        "a/b c",
        "a/b\n",
        "a/b\0",
        "a\\b/c",
        "a/b%2e",
        "a/é",
        "a/con",
        "NUL/b",
        "a/nul.txt",
        "a/b:c",
        "a/b+c",
        "~/b",
        "a/$(x)"
      })
  void nameThatIsNoFolder_isRefused(String text) {
    assertThatThrownBy(() -> ModelName.parse(text))
        .isInstanceOf(LatheException.class)
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.BAD_NAME);
  }

  @Test
  void longestName_isNinetySix() {
    assertThat(ModelName.parse("a/" + "b".repeat(96)).name()).hasSize(96);
    assertThatThrownBy(() -> ModelName.parse("a/" + "b".repeat(97)))
        .hasMessageContaining("…")
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prod", "staging-2", "eu.west", "deadbeef"})
  void ordinaryEnvironment_isTaken(String text) {
    Names.requireEnvironment(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "v3", "V3", "latest", "main", "HEAD", "a/b", "..", "x.lock", "-x", "a b"})
  void environmentThatMeansSomethingElse_isRefused(String text) {
    assertThatThrownBy(() -> Names.requireEnvironment(text))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.BAD_NAME);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.onnx", "notes/a/b.txt", "_x", "a+b=c@d-e.f"})
  void ordinaryPath_isTaken(String path) {
    Names.requirePath(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".gitattributes",
        ".lfsconfig",
        "a/.git/x",
        "x.git/config",
        "a\\b",
        "C:x",
        "a b",
        "aux.txt",
        "a/LPT1",
        "a.",
        "a\0b",
        "-rf",
        "*.onnx",
        "\"a"
      })
  void pathThatLeavesOrTricks_isRefused(String path) {
    assertThatThrownBy(() -> Names.requirePath(path))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.BAD_PATH);
  }

  @Test
  void quotedText_isCut_andItsControlCharactersAreVisible() {
    assertThat(Names.quote("a\n\u001b[0m")).isEqualTo("\"a\\u000a\\u001b[0m\"");
    assertThat(Names.quote("x".repeat(500))).hasSizeLessThan(100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "../../../../etc/passwd"})
  void textThatIsNoDigest_isRefused(String text) {
    assertThatThrownBy(() -> Sha256.parse(text))
        .extracting(e -> ((LatheException) e).code())
        .isEqualTo(RegistryError.BAD_DIGEST);
  }

  @Test
  void digest_isLowerCaseOnly_andOfTheBytes() {
    String empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assertThat(Sha256.of(new byte[0])).isEqualTo(Sha256.parse(empty));
    assertThatThrownBy(() -> Sha256.parse(empty.toUpperCase(Locale.ROOT)))
        .hasMessageContaining("0-9 a-f");
  }

  @Test
  void authorThatGitCannotHold_isRefused() {
    assertThatThrownBy(() -> new Author("a <b>", "c")).hasMessageContaining("none of < >");
    assertThatThrownBy(() -> new Author("a", "b\nc")).hasMessageContaining("email");
    assertThatThrownBy(() -> new Author(" ", "b")).hasMessageContaining("name");
  }
}
