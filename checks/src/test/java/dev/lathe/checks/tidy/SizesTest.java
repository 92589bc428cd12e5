package dev.lathe.checks.tidy;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Files, methods and parameter lists stay small. */
class SizesTest {
  private static final Map<String, Integer> FILES = new TreeMap<>();
  private static final Map<String, Integer> METHODS = new TreeMap<>();
  private static final Map<String, Integer> PARAMETERS = new TreeMap<>();
  private static final Map<String, Integer> BOOLEANS = new TreeMap<>();

  private final Limits limits = new Limits();

  @BeforeAll
  static void measure() throws IOException {
    List<Path> files = Sources.mainJava();
    for (Path file : files) {
      FILES.put(Sources.name(file), (int) Sources.text(file).lines().count());
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (var manager = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task =
          (JavacTask)
              compiler.getTask(
                  null,
                  manager,
                  null,
                  List.of("-proc:none"),
                  null,
                  manager.getJavaFileObjectsFromPaths(files));
      SourcePositions positions = Trees.instance(task).getSourcePositions();
      for (CompilationUnitTree unit : task.parse()) {
        new Measure(unit, positions).scan(unit, null);
      }
    }
  }

  @Test
  void files_haveAtMost400Lines() {
    assertThat(limits.problems("file-lines", 400, FILES)).isEmpty();
  }

  @Test
  void methods_haveAtMost60Lines() {
    assertThat(limits.problems("method-lines", 60, METHODS)).isEmpty();
  }

  @Test
  void methods_takeAtMostFourParameters() {
    assertThat(limits.problems("parameters", 4, PARAMETERS)).isEmpty();
  }

  @Test
  void publicMethods_takeNoBoolean() {
    assertThat(limits.problems("booleans", 0, BOOLEANS)).isEmpty();
  }

  private static final class Measure extends TreePathScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;

    Measure(CompilationUnitTree unit, SourcePositions positions) {
      this.unit = unit;
      this.positions = positions;
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
      String place = place(method);
      int parameters = method.getParameters().size();
      METHODS.merge(place, lines(method), Math::max);
      if (!isOverride(method) && !isRecordConstructor(method)) {
        PARAMETERS.merge(place, parameters, Math::max);
        if (method.getModifiers().getFlags().contains(Modifier.PUBLIC)) {
          BOOLEANS.merge(place, booleans(method), Math::max);
        }
      }
      return super.visitMethod(method, nothing);
    }

    private int lines(MethodTree method) {
      Tree body = method.getBody();
      if (body == null) {
        return 0;
      }
      long start = positions.getStartPosition(unit, body);
      long end = positions.getEndPosition(unit, body);
      var map = unit.getLineMap();
      return start < 0 || end < 0
          ? 0
          : (int) (map.getLineNumber(end) - map.getLineNumber(start) + 1);
    }

    private static int booleans(MethodTree method) {
      return (int)
          method.getParameters().stream()
              .filter(parameter -> String.valueOf(parameter.getType()).equals("boolean"))
              .count();
    }

    private static boolean isOverride(MethodTree method) {
      return method.getModifiers().getAnnotations().stream()
          .anyMatch(annotation -> annotation.getAnnotationType().toString().equals("Override"));
    }

    private boolean isRecordConstructor(MethodTree method) {
      return method.getName().contentEquals("<init>")
          && getCurrentPath().getParentPath().getLeaf().getKind() == Tree.Kind.RECORD;
    }

    private String place(MethodTree method) {
      StringBuilder owner = new StringBuilder();
      for (Tree tree : getCurrentPath()) {
        if (tree instanceof ClassTree type && !type.getSimpleName().isEmpty()) {
          owner.insert(0, owner.isEmpty() ? "" : ".").insert(0, type.getSimpleName());
        }
      }
      return Sources.name(Path.of(unit.getSourceFile().toUri()))
          + "#"
          + owner
          + "."
          + method.getName();
    }
  }
}
