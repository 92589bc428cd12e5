package dev.lathe.benchmarks.serving;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.zoo.Activation;
import dev.lathe.zoo.Answer;
import dev.lathe.zoo.Cnn;
import dev.lathe.zoo.Encoder;
import dev.lathe.zoo.Mlp;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.function.Supplier;

/** A model to serve and one request to it. */
enum Task {
  /** So small that all else costs more. */
  MLP(
      "MLP 784-256-128-10, one row",
      "y",
      () -> new Mlp(784, List.of(256, 128), 10, Activation.RELU).build(1),
      784),
  /** A large input and little arithmetic: patches of 16×16 through one convolution, then scores. */
  IMAGE(
      "image of 3×224×224 floats, one convolution of 16×16 with stride 16",
      "y",
      () ->
          new Cnn(
                  new Cnn.Image(3, 224, 224),
                  List.of(new Cnn.Stage(32, 16, 16, 0, 7)),
                  List.of(),
                  10,
                  Activation.RELU,
                  0)
              .build(1),
      3,
      224,
      224),
  /** BERT base: 12 layers of 768. */
  BERT(
      "encoder as BERT base (12 layers, 768 wide, 12 heads)",
      "y",
      () ->
          new Encoder(
                  30_522,
                  512,
                  new Encoder.Size(768, 3072, 12, 12),
                  0,
                  Encoder.Norm.POST,
                  Answer.SEQUENCE,
                  2)
              .build(1),
      32);

  private static final int VOCABULARY = 30_522;

  private final String title;
  private final String output;
  private final Supplier<Model> model;
  private final long[] shape;

  Task(String title, String output, Supplier<Model> model, long... example) {
    this.title = title;
    this.output = output;
    this.model = model;
    this.shape = new long[example.length + 1];
    shape[0] = 1;
    System.arraycopy(example, 0, shape, 1, example.length);
  }

  String title() {
    return title;
  }

  /** The model's name without its namespace. */
  String id() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  Model model() {
    return model.get();
  }

  /** The request's tensors. */
  Map<String, Tensor> inputs() {
    return inputs(shape);
  }

  /** Tensors of another shape, such as more rows or fewer tokens. */
  Map<String, Tensor> inputs(long... shape) {
    SplittableRandom random = new SplittableRandom(3);
    int size = Math.toIntExact(Tensor.sizeOf(shape));
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    if (this == BERT) {
      inputs.put("x", Tensor.ofLongs(random.longs(size, 0, VOCABULARY).toArray(), shape));
      inputs.put("attention_mask", Tensor.ofLongs(random.longs(size, 1, 2).toArray(), shape));
    } else {
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = Math.round(random.nextDouble() * 1e4) / 1e4f;
      }
      inputs.put("x", Tensor.ofFloats(values, shape));
    }
    return inputs;
  }

  /** The request in Open Inference JSON. */
  String json() {
    return json(shape);
  }

  /** The request with tensors of another shape. */
  String json(long... shape) {
    StringJoiner tensors = new StringJoiner(",");
    inputs(shape)
        .forEach((name, tensor) -> tensors.add(head(name, tensor, "\"data\":" + data(tensor))));
    return "{\"inputs\":[" + tensors + "],\"outputs\":[{\"name\":\"" + output + "\"}]}";
  }

  /** The request with binary tensors behind a JSON head, and the head's length. */
  Payload binary(String path) {
    StringJoiner tensors = new StringJoiner(",");
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    inputs()
        .forEach(
            (name, tensor) -> {
              String size = "\"parameters\":{\"binary_data_size\":" + tensor.byteSize() + "}";
              tensors.add(head(name, tensor, size));
              data.writeBytes(tensor.data().toArray(ValueLayout.JAVA_BYTE));
            });
    String output = "{\"name\":\"" + this.output + "\",\"parameters\":{\"binary_data\":true}}";
    byte[] head =
        ("{\"inputs\":[" + tensors + "],\"outputs\":[" + output + "]}")
            .getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(head);
    body.writeBytes(data.toByteArray());
    return Payload.binary(path, body.toByteArray())
        .with("Inference-Header-Content-Length", String.valueOf(head.length));
  }

  /** The one input in NumPy's format. */
  byte[] npy() {
    Tensor only = inputs().get("x");
    StringJoiner sizes = new StringJoiner(", ", "(", ")");
    for (long size : shape) {
      sizes.add(String.valueOf(size));
    }
    String head = "{'descr': '<f4', 'fortran_order': False, 'shape': " + sizes + ", }";
    String padded = head + " ".repeat(63 - (10 + head.length()) % 64) + "\n";
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    file.write(padded.length() & 0xFF);
    file.write(padded.length() >>> 8);
    file.writeBytes(padded.getBytes(StandardCharsets.US_ASCII));
    file.writeBytes(only.data().toArray(ValueLayout.JAVA_BYTE));
    return file.toByteArray();
  }

  private static String head(String name, Tensor tensor, String rest) {
    String type = tensor.type() == ElementType.INT64 ? "INT64" : "FP32";
    String sizes = java.util.Arrays.toString(tensor.dims()).replace(" ", "");
    return "{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"%s\",%s}"
        .formatted(name, sizes, type, rest);
  }

  private static String data(Tensor tensor) {
    StringJoiner values = new StringJoiner(",", "[", "]");
    if (tensor.type() == ElementType.INT64) {
      for (long value : tensor.toLongs()) {
        values.add(String.valueOf(value));
      }
    } else {
      for (float value : tensor.toFloats()) {
        values.add(String.valueOf(value));
      }
    }
    return values.toString();
  }
}
