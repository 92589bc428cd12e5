package dev.lathe.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.OnnxFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class SessionTest {
  private static final Tensor ROW = Tensor.ofFloats(new float[] {1, 1, 1}, 1, 3);

  private static Session open(Model model) {
    return Session.open(model, SessionOptions.defaults());
  }

  @Test
  void affineModel_computes() {
    try (Session session = open(Models.affine())) {
      Tensor x = Tensor.ofFloats(new float[] {1, 0, 0, 0, 1, 1}, 2, 3);
      Tensor y = session.run(Map.of("x", x)).get("y");
      assertThat(y.dims()).containsExactly(2, 2);
      assertThat(y.toFloats()).containsExactly(11, 22, 18, 30);
      assertThat(session.weightBytes()).isEqualTo(8 * Float.BYTES);
      assertThat(session.inputs().getFirst().toString()).contains("x", "[N, 3]");
      assertThat(session.outputs()).hasSize(1);
    }
  }

  @Test
  void outputs_outliveTheSession() {
    Tensor y;
    try (Session session = open(Models.affine())) {
      y = session.run(Map.of("x", ROW)).get("y");
    }
    assertThat(y.toFloats()).containsExactly(19, 32);
    assertThat(y.data().isNative()).isTrue();
  }

  @Test
  void someOutputs_areGivenAlone() {
    try (Session session = open(Models.sumAndDifference())) {
      Map<String, Tensor> inputs =
          Map.of(
              "a", Tensor.ofFloats(new float[] {3}, 1), "b", Tensor.ofFloats(new float[] {2}, 1));
      assertThat(session.run(inputs)).containsOnlyKeys("sum", "difference");
      Map<String, Tensor> one = session.run(inputs, Set.of("difference"));
      assertThat(one).containsOnlyKeys("difference");
      assertThat(one.get("difference").toFloats()).containsExactly(1);
      assertThat(session.run(inputs, Set.of())).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {
        "FLOAT",
        "DOUBLE",
        "FLOAT16",
        "BFLOAT16",
        "BOOL",
        "INT8",
        "INT16",
        "INT32",
        "INT64",
        "UINT8",
        "UINT16",
        "UINT32",
        "UINT64"
      })
  void everyNumericType_goesInAndOutBitForBit(ElementType type) {
    byte[] bytes = new byte[(int) type.byteSize(3)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == ElementType.BOOL ? i % 2 : 0xF1 - 7 * i);
    }
    Tensor x = Tensor.ofBytes(type, bytes, 3);
    try (Session session = open(Models.identity(type));
        HostBuffer in = HostBuffer.of(x);
        HostBuffer out = HostBuffer.allocate(type, 3);
        Binding binding = session.bind(Map.of("x", in), Map.of("y", out))) {
      assertThat(session.run(Map.of("x", x)).get("y").sameContent(x)).isTrue();
      binding.run();
      assertThat(out.tensor().sameContent(x)).isTrue();
      in.segment().fill((byte) 0);
      binding.run();
      assertThat(out.tensor().sameContent(Tensor.zeros(type, 3))).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.INCLUDE,
      names = {"INT4", "UINT4", "FLOAT8E4M3FN", "FLOAT8E5M2"})
  void typesThatTheBindingLacks_areRefusedByName(ElementType type) {
    assertThatThrownBy(() -> open(Models.identity(type)).close())
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("input \"x\": " + type)
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(ErrorKind.UNSUPPORTED);
  }

  @Test
  void texts_goInAndOut() {
    try (Session session = open(Models.identity(ElementType.STRING))) {
      for (List<String> texts : List.of(List.of("a", "", "ä€😀"), List.<String>of())) {
        Tensor x = Tensor.ofStrings(texts, texts.size());
        Tensor y = session.run(Map.of("x", x)).get("y");
        assertThat(y.strings()).isEqualTo(texts);
        assertThat(y.dims()).containsExactly(texts.size());
      }
    }
  }

  @Test
  void emptyBatch_givesAnEmptyResult() {
    try (Session session = open(Models.affine())) {
      Tensor y = session.run(Map.of("x", Tensor.zeros(ElementType.FLOAT, 0, 3))).get("y");
      assertThat(y.dims()).containsExactly(0, 2);
    }
  }

  @Test
  void heapTensor_isCopied() {
    MemorySegment heap = MemorySegment.ofArray(new float[] {1, 1, 1});
    Tensor x = Tensor.of(ElementType.FLOAT, new long[] {1, 3}, heap);
    try (Session session = open(Models.affine())) {
      assertThat(session.run(Map.of("x", x)).get("y").toFloats()).containsExactly(19, 32);
    }
  }

  @Test
  void misalignedTensor_isCopied() {
    MemorySegment odd = Tensor.zeros(ElementType.UINT8, 13).data().asSlice(1, 12);
    odd.copyFrom(MemorySegment.ofArray(new float[] {1, 1, 1}));
    Tensor x = Tensor.of(ElementType.FLOAT, new long[] {1, 3}, odd);
    try (Session session = open(Models.affine())) {
      assertThat(session.run(Map.of("x", x)).get("y").toFloats()).containsExactly(19, 32);
    }
  }

  @Test
  void wrongInputs_areRefusedWithNameFoundAndExpected() {
    try (Session session = open(Models.affine())) {
      refused(
          () -> session.run(Map.of("x", Tensor.zeros(ElementType.FLOAT, 3, 9))),
          "input \"x\": shape [3, 9] (expected: [N, 3])");
      refused(
          () -> session.run(Map.of("x", Tensor.zeros(ElementType.FLOAT, 3))),
          "input \"x\": shape [3] (expected: [N, 3])");
      refused(
          () -> session.run(Map.of("x", Tensor.zeros(ElementType.INT64, 1, 3))),
          "input \"x\": INT64 (expected: FLOAT)");
      refused(() -> session.run(Map.of()), "input \"x\": missing (expected: FLOAT[N, 3])");
      refused(
          () -> session.run(Map.of("x", ROW, "z", ROW)), "input \"z\": unknown (expected: \"x\")");
      refused(
          () -> session.run(Map.of("x", ROW), Set.of("q")),
          "output \"q\": unknown (expected: \"y\")");
    }
  }

  @Test
  void oneSymbolWithTwoSizes_isRefused() {
    try (Session session = open(Models.sumAndDifference())) {
      Tensor two = Tensor.zeros(ElementType.FLOAT, 2);
      Tensor three = Tensor.zeros(ElementType.FLOAT, 3);
      refused(
          () -> session.run(Map.of("a", two, "b", three)),
          "input \"b\": shape [3] (expected: N = 2, as in \"a\")");
    }
  }

  @Test
  void indexOutOfRange_isTheCallersErrorWithoutPathsOrAddresses() {
    try (Session session = open(Models.lookup())) {
      assertThatThrownBy(() -> session.run(Map.of("i", Tensor.ofLongs(new long[] {1, 7}, 2))))
          .isInstanceOf(LatheException.class)
          .hasMessageContaining("find/row")
          .hasMessageContaining("7")
          .hasMessageNotContainingAny("0x", ".cc", "onnxruntime", "::")
          .extracting(e -> ((LatheException) e).kind())
          .isEqualTo(ErrorKind.INVALID);
      assertThat(session.run(Map.of("i", Tensor.ofLongs(new long[] {3}, 1))).get("y").toFloats())
          .containsExactly(3);
    }
  }

  @Test
  void unknownOperator_isUnsupported() {
    Model model =
        Models.one(Node.of("Frobnicate", List.of("x"), List.of("y")).withDomain("org.example"))
            .withOpset("org.example", 1);
    assertThatThrownBy(() -> open(model).close())
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("Frobnicate")
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(ErrorKind.UNSUPPORTED);
  }

  @Test
  void file_isOpenedByTheEngine(@TempDir Path folder) {
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(Models.affine(), file);
    try (Session session = Session.open(file, SessionOptions.training(2))) {
      assertThat(session.run(Map.of("x", ROW)).get("y").toFloats()).containsExactly(19, 32);
      assertThat(session.weightBytes()).isEqualTo(8 * Float.BYTES);
    }
  }

  @Test
  void largeModel_goesThroughAFolderThatIsGoneAfterwards() throws Exception {
    Model model = Models.slow(64, 3);
    ModelBytes spilled = ModelBytes.spill(model);
    Path folder = ((ModelBytes.InFolder) spilled).folder();
    assertThat(folder.resolve("weights.bin")).exists();
    try (var engine = spilled.load(SessionOptions.defaults())) {
      assertThat(engine.getInputNames()).containsExactly("x");
    }
    spilled.close();
    assertThat(Files.exists(folder)).isFalse();
  }

  @Test
  void doubleClose_isHarmless_andUseAfterCloseIsAnError() {
    Session session = open(Models.affine());
    HostBuffer in = HostBuffer.of(ROW);
    HostBuffer out = HostBuffer.allocate(ElementType.FLOAT, 1, 2);
    Binding binding = session.bind(Map.of("x", in), Map.of("y", out));
    session.close();
    session.close();
    closed(() -> session.run(Map.of("x", ROW)), "session");
    closed(() -> session.bind(Map.of("x", in), Map.of("y", out)), "session");
    closed(binding::run, "session");
    binding.close();
    binding.close();
    closed(binding::run, "binding");
    in.close();
    in.close();
    closed(in::segment, "buffer");
    out.close();
  }

  @Test
  void options_areBounded() {
    refused(() -> SessionOptions.training(0), "threads: 0 (expected: 1 to 256)");
    refused(() -> SessionOptions.training(1000), "threads: 1000 (expected: 1 to 256)");
  }

  static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOf(LatheException.class)
        .hasMessage(message)
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(ErrorKind.INVALID);
  }

  private static void closed(ThrowingCallable call, String what) {
    assertThatThrownBy(call)
        .isInstanceOf(LatheException.class)
        .hasMessageContaining(what)
        .hasMessageContaining("is closed")
        .extracting(e -> ((LatheException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
  }
}
