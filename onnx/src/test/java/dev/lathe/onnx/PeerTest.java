package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.safetensors.Dtype;
import dev.lathe.testkit.Python;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The reference implementations read what we write, and find in it what they wrote. */
class PeerTest {
  private static final String COMPARE =
      """
      import sys, onnx
      from onnx import numpy_helper
      from google.protobuf.descriptor import FieldDescriptor as F

      def raw(t):
          if t.data_type == onnx.TensorProto.STRING or not t.data_type: return
          content = numpy_helper.from_array(numpy_helper.to_array(t)).raw_data if not t.HasField('raw_data') else t.raw_data
          for f in ('float_data', 'int32_data', 'int64_data', 'double_data', 'uint64_data'): t.ClearField(f)
          t.raw_data = content

      def normal(m):
          # Elements as raw_data, and no difference between empty and absent text.
          if isinstance(m, onnx.TensorProto): raw(m)
          for f, v in list(m.ListFields()):
              many = f.is_repeated if isinstance(getattr(f, 'is_repeated', None), bool) else f.label == F.LABEL_REPEATED
              if f.type == F.TYPE_MESSAGE:
                  for each in (v if many else [v]): normal(each)
              elif f.type == F.TYPE_STRING and not many and v == '': m.ClearField(f.name)
              elif f.name == 'domain' and v == 'ai.onnx': m.ClearField(f.name)
          return m

      for theirs, ours in zip(sys.argv[1::2], sys.argv[2::2]):
          onnx.checker.check_model(ours, full_check=True)
          a, b = normal(onnx.load(theirs)), normal(onnx.load(ours))
          x, y = str(a).splitlines(), str(b).splitlines()
          first = next((f'{p[:200]} | {q[:200]}' for p, q in zip(x, y) if p != q), '')
          print(theirs.split('/')[-1], 'same' if a == b else f'{len(x)}, {len(y)} lines: {first}')
      """;

  private static final String CHECK_EXTERNAL =
      """
      import sys, onnx
      from onnx import numpy_helper
      onnx.checker.check_model(sys.argv[1])
      m = onnx.load(sys.argv[1])
      for t in m.graph.initializer: print(t.name, numpy_helper.to_array(t).shape, len(t.raw_data))
      """;

  private static final String ELEMENTS =
      """
      import sys, onnx
      from onnx import numpy_helper
      m = onnx.load(sys.argv[1])
      for t in m.graph.initializer:
          onnx.checker.check_tensor(t)
          a = numpy_helper.to_array(t)
          print(t.name, ' '.join(str(float(v)) for v in a.flatten()))
      """;

  private static final String SAFETENSORS =
      """
      import sys, json
      from safetensors import safe_open
      from safetensors.numpy import load_file, save_file
      with safe_open(sys.argv[1], framework='np') as f: print(sorted(f.keys()), f.metadata())
      save_file(load_file(sys.argv[2]), sys.argv[3], metadata={'format': 'np'})
      """;

  @TempDir Path folder;

  @Test
  void modelsOfPeers_areTheSameAfterUsToThem() throws IOException {
    String python = Python.with("onnx", "numpy");
    List<Path> fixtures = OnnxFileTest.fixtures();
    List<Path> pairs = new ArrayList<>();
    for (Path file : fixtures) {
      Path ours = folder.resolve(file.getFileName());
      OnnxFile.write(OnnxFile.read(file), ours);
      pairs.addAll(List.of(file, ours));
    }
    assertThat(Python.run(python, COMPARE, pairs.toArray(Path[]::new)).lines().toList())
        .containsExactlyElementsOf(
            fixtures.stream().map(file -> file.getFileName() + " same").toList());
  }

  @Test
  void externalDataOfOurs_areReadByPeers() {
    String python = Python.with("onnx", "numpy");
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(Samples.small(), file, new ExternalData("w.bin", 10, 4096));
    assertThat(Python.run(python, CHECK_EXTERNAL, file)).contains("W (3, 2) 24", "b (2,)");
  }

  @Test
  void elementsOfEveryRealType_meanTheSameToPeers() {
    String python = Python.with("onnx", "numpy");
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    double[] values = {0, 1, 1, 0, 1, 0, 1};
    for (ElementType type : Samples.storedTypes()) {
      boolean real = type.isFloating() || type.isInteger() || type == ElementType.BOOL;
      if (real && type != ElementType.FLOAT8E8M0) {
        tensors.put(type.name(), Tensor.ofValues(type, values, 7));
      }
    }
    Model model = Samples.small();
    Graph graph = model.graph().withInitializers(tensors);
    Path file = folder.resolve("m.onnx");
    OnnxFile.write(model.withGraph(graph), file);
    String printed = Python.run(python, ELEMENTS, file);
    tensors
        .keySet()
        .forEach(name -> assertThat(printed).contains(name + " 0.0 1.0 1.0 0.0 1.0 0.0 1.0"));
  }

  @Test
  void safetensors_goBothWays() {
    String python = Python.with("safetensors", "numpy");
    Random random = new Random(11);
    Map<String, Tensor> all = new LinkedHashMap<>();
    Map<String, Tensor> plain = new LinkedHashMap<>();
    for (Dtype dtype : Dtype.values()) {
      Tensor tensor = Samples.random(dtype.type(), random, 2, 4);
      all.put(dtype.name(), tensor);
      if (dtype.name().matches("[IUF](8|16|32|64)")) {
        plain.put(dtype.name(), tensor);
      }
    }
    Path first = folder.resolve("all.safetensors");
    Path second = folder.resolve("plain.safetensors");
    Path theirs = folder.resolve("theirs.safetensors");
    Safetensors.write(first, all, Map.of("format", "np"));
    Safetensors.write(second, plain, Map.of("format", "np"));
    String printed = Python.run(python, SAFETENSORS, first, second, theirs);
    all.keySet().forEach(name -> assertThat(printed).contains("'" + name + "'"));
    assertThat(theirs).hasSameBinaryContentAs(second);
    Safetensors read = Safetensors.open(theirs);
    plain.forEach(
        (name, tensor) -> assertThat(read.tensors().get(name).sameContent(tensor)).isTrue());
  }
}
