package dev.lathe.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Bytes;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Model;
import dev.lathe.ir.Notes;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.wire.WireWriter;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What stands in a model comes back, in every form that a writer may choose. */
class ContentTest {
  private static final int FLOAT_DATA = 4;
  private static final int INT32_DATA = 5;
  private static final int INT64_DATA = 7;
  private static final int DOUBLE_DATA = 10;
  private static final int UINT64_DATA = 11;

  @Test
  void everything_comesBackTheSame() {
    Model model = Samples.everything();
    byte[] bytes = OnnxFile.toBytes(model);
    Model again = OnnxFile.parse(MemorySegment.ofArray(bytes));
    assertThat(Same.models(model, again)).isEmpty();
    assertThat(OnnxFile.toBytes(again)).isEqualTo(bytes);
  }

  @Test
  void comparison_seesADifference() {
    Model model = Samples.everything();
    Model other = model.withGraph(model.graph().withNodes(List.of()));
    assertThat(Same.models(model, other)).isNotEmpty();
    Model changed =
        model.withGraph(model.graph().withInitializers(Map.of("scalar", Tensor.scalar(4f))));
    assertThat(Same.models(model, changed)).isNotEmpty();
  }

  @Test
  void unknownFieldsEverywhere_surviveByteForByte() {
    byte[] bytes = bytes(ContentTest::modelWithUnknownFields);
    Model model = OnnxFile.parse(MemorySegment.ofArray(bytes));
    byte[] again = OnnxFile.toBytes(model);
    assertThat(occurrences(bytes)).isGreaterThan(10);
    assertThat(occurrences(again)).isEqualTo(occurrences(bytes));
    assertThat(OnnxFile.toBytes(OnnxFile.parse(MemorySegment.ofArray(again)))).isEqualTo(again);
  }

  @Test
  void trainingInfoAndQuantizationAnnotation_areKept() {
    byte[] bytes =
        bytes(
            model -> {
              model.varint(1, 8);
              model.message(7, graph -> graph.message(14, annotation -> annotation.text(1, "W")));
              model.message(20, training -> training.message(1, graph -> graph.text(2, "init")));
              model.message(26, device -> device.text(1, "cpu"));
            });
    assertThat(OnnxFile.toBytes(OnnxFile.parse(MemorySegment.ofArray(bytes)))).isEqualTo(bytes);
  }

  @Test
  void metadataEntriesTwiceOrOdd_areKept() {
    byte[] bytes =
        bytes(
            model -> {
              model.varint(1, 8);
              model.message(7, graph -> graph.text(2, "g"));
              for (String value : List.of("first", "second")) {
                model.message(
                    14,
                    entry -> {
                      entry.text(1, "key");
                      entry.text(2, value);
                    });
              }
              model.message(14, ContentTest::unknown);
            });
    Model model = OnnxFile.parse(MemorySegment.ofArray(bytes));
    assertThat(model.notes().metadata()).containsExactly(Map.entry("key", "first"));
    assertThat(OnnxFile.toBytes(model)).isEqualTo(bytes);
  }

  @Test
  void elementsInTheirOwnField_areThoseOfRawData() {
    Random random = new Random(3);
    for (ElementType type : Samples.storedTypes()) {
      if (type == ElementType.STRING) {
        continue;
      }
      Tensor expected = Samples.random(type, random, 5, 3);
      for (boolean packed : new boolean[] {true, false}) {
        Tensor read = readTyped(type, expected, packed);
        assertThat(read.sameContent(expected)).as("%s, packed %s", type, packed).isTrue();
      }
    }
  }

  @Test
  void packedFloats_areNotCopied() {
    Tensor read = readTyped(ElementType.FLOAT, Tensor.ofFloats(new float[] {1, 2}, 2), true);
    assertThat(read.data().heapBase()).isPresent();
  }

  @Test
  void elementBeyondItsType_isRefused() {
    assertThatThrownBy(
            () ->
                readTensor(
                    tensor -> {
                      tensor.varint(1, 1);
                      tensor.varint(2, ElementType.INT8.code());
                      tensor.varint(INT32_DATA, 300);
                      tensor.text(8, "w");
                    }))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"w\"")
        .hasMessageContaining("300");
  }

  @Test
  void tooFewElements_areRefusedWithBothSizes() {
    assertThatThrownBy(
            () ->
                readTensor(
                    tensor -> {
                      tensor.varint(1, 3);
                      tensor.varint(1, 4);
                      tensor.varint(2, 1);
                      tensor.text(8, "w");
                      tensor.run(9, MemorySegment.ofArray(new byte[44]));
                    }))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("44 bytes")
        .hasMessageContaining("expected: 48");
  }

  @Test
  void shapeWhoseSizeOverflows_isRefused() {
    assertThatThrownBy(
            () ->
                readTensor(
                    tensor -> {
                      tensor.varint(1, 1L << 40);
                      tensor.varint(1, 1L << 40);
                      tensor.varint(2, 1);
                      tensor.text(8, "w");
                    }))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("\"w\"")
        .hasMessageContaining("overflow");
  }

  @Test
  void hugeShapeWithoutData_isRefusedWithoutAllocation() {
    assertThatThrownBy(
            () ->
                readTensor(
                    tensor -> {
                      tensor.varint(1, 1L << 45);
                      tensor.varint(2, ElementType.INT32.code());
                      tensor.text(8, "w");
                      tensor.varint(INT32_DATA, 1);
                    }))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("4 bytes");
  }

  @Test
  void laterElementType_isRefusedByNumber() {
    assertThatThrownBy(() -> readTensor(tensor -> tensor.varint(2, 27)))
        .isInstanceOf(LatheException.class)
        .hasMessageContaining("element type 27 (expected: 0 to 26)");
  }

  @Test
  void attributeWithoutTypeCode_isKnownByItsField() {
    byte[] bytes =
        bytes(
            model -> {
              model.varint(1, 1);
              model.message(
                  7,
                  graph ->
                      graph.message(
                          1,
                          node -> {
                            node.text(4, "Old");
                            node.message(
                                5,
                                attribute -> {
                                  attribute.text(1, "alpha");
                                  attribute.float32(2, 2.5f);
                                });
                          }));
            });
    Model model = OnnxFile.parse(MemorySegment.ofArray(bytes));
    assertThat(model.graph().nodes().getFirst().attributes())
        .containsEntry("alpha", Attribute.of(2.5f));
  }

  @Test
  void packedAttributeNumbers_areReadToo() {
    byte[] bytes =
        bytes(
            model ->
                model.message(
                    7,
                    graph ->
                        graph.message(
                            1,
                            node -> {
                              node.text(4, "Op");
                              node.message(
                                  5,
                                  attribute -> {
                                    attribute.text(1, "pads");
                                    attribute.run(
                                        8,
                                        MemorySegment.ofArray(new byte[] {1, 2, (byte) 0x80, 1}));
                                    attribute.varint(20, 7);
                                  });
                            })));
    Model model = OnnxFile.parse(MemorySegment.ofArray(bytes));
    assertThat(model.graph().nodes().getFirst().attributes())
        .containsEntry("pads", Attribute.ofInts(1, 2, 128));
  }

  @Test
  void notesOfTensors_comeBack() {
    Tensor tensor = Tensor.scalar(1f).withNotes(Notes.doc("learned").with("origin", "layer 3"));
    Model model = Samples.small();
    Model noted = model.withGraph(model.graph().withInitializers(Map.of("W", tensor)));
    Model again = OnnxFile.parse(MemorySegment.ofArray(OnnxFile.toBytes(noted)));
    assertThat(again.graph().initializers().get("W").notes()).isEqualTo(tensor.notes());
  }

  private static void modelWithUnknownFields(WireWriter model) {
    unknown(model);
    model.message(
        8,
        opset -> {
          opset.varint(2, 21);
          unknown(opset);
        });
    model.message(
        7,
        graph -> {
          unknown(graph);
          graph.message(1, ContentTest::nodeWithUnknownFields);
          graph.message(
              15,
              sparse -> {
                unknown(sparse);
                sparse.message(1, ContentTest::tensorWithUnknownFields);
                sparse.message(2, ContentTest::tensorWithUnknownFields);
              });
          graph.message(
              11,
              value -> {
                unknown(value);
                value.text(1, "x");
                value.message(2, ContentTest::typeWithUnknownFields);
              });
        });
  }

  private static void nodeWithUnknownFields(WireWriter node) {
    unknown(node);
    node.text(4, "Op");
    node.message(
        5,
        attribute -> {
          unknown(attribute);
          attribute.text(1, "value");
          attribute.message(5, ContentTest::tensorWithUnknownFields);
          attribute.varint(20, 4);
        });
    node.message(
        5,
        attribute -> {
          attribute.text(1, "type");
          attribute.message(15, ContentTest::typeWithUnknownFields);
          attribute.message(15, ContentTest::typeWithUnknownFields);
          attribute.varint(20, 14);
        });
  }

  private static void tensorWithUnknownFields(WireWriter tensor) {
    unknown(tensor);
    tensor.varint(1, 0);
    tensor.varint(2, 1);
    tensor.text(8, "named");
  }

  private static void typeWithUnknownFields(WireWriter type) {
    unknown(type);
    type.message(
        4,
        sequence -> {
          unknown(sequence);
          sequence.message(
              1,
              element -> {
                unknown(element);
                element.message(
                    1,
                    tensor -> {
                      unknown(tensor);
                      tensor.varint(1, 1);
                      tensor.message(
                          2,
                          shape -> {
                            unknown(shape);
                            shape.message(1, ContentTest::unknown);
                          });
                    });
              });
        });
  }

  private static void unknown(WireWriter message) {
    message.text(1000, "UNKNOWN");
  }

  private static int occurrences(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1).split("UNKNOWN", -1).length - 1;
  }

  private static Tensor readTyped(ElementType type, Tensor expected, boolean packed) {
    return readTensor(
        tensor -> {
          for (long dim : expected.dims()) {
            tensor.varint(1, dim);
          }
          tensor.varint(2, type.code());
          tensor.text(8, "w");
          entries(tensor, type, expected.data(), packed);
        });
  }

  /** Elements as the format's typed fields have them; sub-byte types a packed byte an entry. */
  private static void entries(
      WireWriter tensor, ElementType type, MemorySegment data, boolean packed) {
    ByteBuffer bytes = data.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    int field = fieldOf(type);
    if (field == FLOAT_DATA || field == DOUBLE_DATA) {
      if (packed) {
        tensor.run(field, data);
        return;
      }
      int width = field == FLOAT_DATA ? 4 : 8;
      for (int i = 0; i < bytes.limit(); i += width) {
        byte[] fixed = new byte[width + 1];
        fixed[0] = (byte) (field << 3 | (width == 4 ? 5 : 1));
        bytes.get(i, fixed, 1, width);
        tensor.raw(Bytes.of(fixed));
      }
      return;
    }
    int width = Math.max(1, type.bits() / 8);
    ByteArrayOutputStream run = new ByteArrayOutputStream();
    for (int i = 0; i < bytes.limit(); i += width) {
      long entry =
          switch (width) {
            case 1 -> bytes.get(i);
            case 2 -> bytes.getShort(i) & 0xFFFFL;
            case 4 -> bytes.getInt(i);
            default -> bytes.getLong(i);
          };
      if (packed) {
        varint(run, entry);
      } else {
        tensor.varint(field, entry);
      }
    }
    if (packed) {
      tensor.run(field, MemorySegment.ofArray(run.toByteArray()));
    }
  }

  private static int fieldOf(ElementType type) {
    return switch (type) {
      case FLOAT, COMPLEX64 -> FLOAT_DATA;
      case DOUBLE, COMPLEX128 -> DOUBLE_DATA;
      case INT64 -> INT64_DATA;
      case UINT32, UINT64 -> UINT64_DATA;
      default -> INT32_DATA;
    };
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private static Tensor readTensor(Consumer<WireWriter> tensor) {
    byte[] bytes = bytes(model -> model.message(7, graph -> graph.message(5, tensor)));
    return OnnxFile.parse(MemorySegment.ofArray(bytes))
        .graph()
        .initializers()
        .values()
        .iterator()
        .next();
  }

  private static byte[] bytes(Consumer<WireWriter> model) {
    WireWriter out = new WireWriter();
    model.accept(out);
    return out.toArray();
  }
}
