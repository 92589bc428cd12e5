package dev.lathe.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, run on machines that it is made to believe in. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  private record Result(int exit, String text) {}

  @TempDir Path folder;
  private Path root;
  private Path tools;

  @BeforeEach
  void copyLauncher() throws IOException {
    root = Files.createDirectories(folder.resolve("a place"));
    Path script = Path.of("..", "lathe").toAbsolutePath().normalize();
    Files.copy(script, root.resolve("lathe"), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
    tools = Files.createDirectories(folder.resolve("tools"));
    for (String tool : new String[] {"sh", "sed", "dirname", "readlink", "find", "head", "stty"}) {
      for (String bin : new String[] {"/usr/bin/", "/bin/"}) {
        if (Files.exists(Path.of(bin + tool)) && Files.notExists(tools.resolve(tool))) {
          Files.createSymbolicLink(tools.resolve(tool), Path.of(bin + tool));
        }
      }
    }
    for (String tool : new String[] {"mkdir", "rm", "mv", "cat", "cut"}) {
      Files.createSymbolicLink(tools.resolve(tool), Path.of("/bin/" + tool));
    }
  }

  private Result run(Path script, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(script.toString(), "models", "two words");
    builder.environment().clear();
    builder.environment().put("PATH", tools.toString());
    builder.environment().put("HOME", folder.resolve("home").toString());
    builder.environment().put("LATHE_JDK_FOLDERS", "");
    builder.environment().putAll(environment);
    Path out = folder.resolve("out.txt");
    Process process =
        builder
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Result(process.exitValue(), Files.readString(out));
  }

  /** A folder that looks like a JDK; its java says what it was told. */
  private Path jdk(String name, String version) throws IOException {
    Path home = folder.resolve(name);
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    executable(
        home.resolve("bin/java"),
        "#!/bin/sh\n"
            + "echo \"telemetry off: $ORT_DISABLE_TELEMETRY\"\n"
            + "for a; do echo \"<$a>\"; done\n");
    executable(home.resolve("bin/javac"), "#!/bin/sh\n");
    return home;
  }

  private static void executable(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.UTF_8);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void pretendBuilt() throws IOException {
    Files.createDirectories(root.resolve("cli/target/lib"));
    Files.writeString(root.resolve("cli/target/lathe-cli.jar"), "");
  }

  @Test
  void noJava_isExplained() throws Exception {
    Result result = run(root.resolve("lathe"), Map.of());
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.text())
        .contains("needs a JDK 25", "JAVA_HOME, PATH, /usr/lib/jvm", "adoptium.net", "LATHE_JAVA=");
  }

  @Test
  void oldJava_isNamedWithItsVersion() throws Exception {
    Path old = jdk("jdk-17", "17.0.12");
    Result result = run(root.resolve("lathe"), Map.of("JAVA_HOME", old.toString()));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.text()).contains("JAVA_HOME: " + old + " (Java 17)");
    assertThat(
            run(root.resolve("lathe"), Map.of("JAVA_HOME", jdk("jdk8", "1.8.0_9").toString()))
                .text())
        .contains("(Java 8)");
  }

  @Test
  void wrongLatheJava_isSaidEvenIfAnotherWouldDo() throws Exception {
    Result result =
        run(
            root.resolve("lathe"),
            Map.of(
                "LATHE_JAVA", folder.resolve("nowhere").toString(),
                "JAVA_HOME", jdk("jdk-25", "25.0.1").toString()));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.text()).contains("LATHE_JAVA is set, so nothing else was looked at");
  }

  @Test
  void newJava_amongFolders_isFound_andGetsTheArguments() throws Exception {
    pretendBuilt();
    jdk("jvm/jdk-17", "17.0.12");
    jdk("jvm/jdk-26", "26-ea");
    Result result =
        run(
            root.resolve("lathe"),
            Map.of(
                "JAVA_HOME",
                folder.resolve("jvm/jdk-17").toString(),
                "LATHE_JDK_FOLDERS",
                folder.resolve("jvm") + "/*"));
    assertThat(result.exit()).isZero();
    assertThat(result.text())
        .contains("telemetry off: 1", "<" + root.resolve("cli/target/lathe-cli.jar") + ">")
        .contains("<models>\n<two words>\n");
    assertThat(result.text()).containsPattern("<-XX:MaxDirectMemorySize=[1-9][0-9]{2,}m>");
  }

  @Test
  void symbolicLink_leadsToTheRealPlace() throws Exception {
    pretendBuilt();
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("a place/lathe"));
    Path second = Files.createSymbolicLink(folder.resolve("second"), link);
    Result result = run(second, Map.of("LATHE_JAVA", jdk("jdk-25", "25").toString()));
    assertThat(result.text()).contains(root.toRealPath().resolve("cli/target/lathe-cli.jar") + "");
  }

  @Test
  void missingMaven_isSaidWhenSomethingMustBeBuilt() throws Exception {
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    Result result =
        run(root.resolve("lathe"), Map.of("LATHE_JAVA", jdk("jdk-25", "25").toString()));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.text()).contains("no mvn on the PATH", "maven.apache.org");
  }

  @Test
  void failedBuild_showsWhatMavenSaid() throws Exception {
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    executable(tools.resolve("mvn"), "#!/bin/sh\necho '[ERROR] it broke'\nexit 1\n");
    Result result =
        run(root.resolve("lathe"), Map.of("LATHE_JAVA", jdk("jdk-25", "25").toString()));
    assertThat(result.exit()).isEqualTo(1);
    assertThat(result.text()).contains("[ERROR] it broke", "the build failed");
  }

  @Test
  void sources_areBuiltOnceAndAgainWhenOneIsNewer() throws Exception {
    Files.writeString(root.resolve("pom.xml"), "<project/>");
    executable(
        tools.resolve("mvn"),
        "#!/bin/sh\nmkdir -p cli/target/lib && : > cli/target/lathe-cli.jar\n");
    Map<String, String> java = Map.of("LATHE_JAVA", jdk("jdk-25", "25").toString());
    assertThat(run(root.resolve("lathe"), java).text()).contains("building", "<models>");
    assertThat(run(root.resolve("lathe"), java).text()).doesNotContain("building");
    Path source = Files.createDirectories(root.resolve("ir/src/main")).resolve("New.java");
    Files.writeString(source, "");
    assertThat(source.toFile().setLastModified(System.currentTimeMillis() + 5_000)).isTrue();
    assertThat(run(root.resolve("lathe"), java).text()).contains("building");
  }
}
