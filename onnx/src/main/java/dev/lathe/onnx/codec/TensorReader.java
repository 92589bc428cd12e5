package dev.lathe.onnx.codec;

import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Notes;
import dev.lathe.ir.SparseTensor;
import dev.lathe.ir.Tensor;
import dev.lathe.onnx.codec.Fields.OfSparse;
import dev.lathe.onnx.codec.Fields.OfTensor;
import dev.lathe.onnx.codec.NotesReader.Entry;
import dev.lathe.onnx.wire.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Reads TensorProto and SparseTensorProto. One object reads one tensor. */
final class TensorReader {
  private static final int MOST_RANK = 256;
  private static final long EXTERNAL = 1;

  private final WireReader in;
  private final NotesReader notes;
  private final List<Long> dims = new ArrayList<>(4);
  private final TypedRuns typed = new TypedRuns();
  private final List<String> strings = new ArrayList<>(0);
  private final Map<String, String> external = new LinkedHashMap<>(0);
  private ElementType type = ElementType.UNDEFINED;
  private MemorySegment raw = MemorySegment.NULL;
  private boolean hasRaw;
  private long location;
  private String name = "";

  private TensorReader(WireReader in) {
    this.in = in;
    this.notes = new NotesReader(in);
  }

  /** A tensor with the name that the file gives it. */
  record Named(String name, Tensor tensor) {
    /** The tensor where nothing knows it by name; its notes keep the name. */
    Tensor anonymous() {
      return Parts.named(tensor, name);
    }
  }

  static Named read(WireReader in, ExternalSource source) {
    TensorReader reader = new TensorReader(in);
    while (in.next()) {
      reader.field();
    }
    return new Named(reader.name, reader.tensor(source).withNotes(reader.notes.notes()));
  }

  /** A sparse tensor with the name of its values. */
  record NamedSparse(String name, SparseTensor tensor) {}

  static NamedSparse readSparse(WireReader in, ExternalSource source) {
    NotesReader notes = new NotesReader(in);
    List<Long> dims = new ArrayList<>();
    Named values = new Named("", Tensor.zeros(ElementType.FLOAT, 0));
    Named indices = new Named("", Tensor.zeros(ElementType.INT64, 0));
    while (in.next()) {
      switch (in.field()) {
        case OfSparse.VALUES -> values = read(in.message("values"), source);
        case OfSparse.INDICES -> indices = read(in.message("indices"), source);
        case OfSparse.DIMS -> in.varints(dims::add);
        default -> in.keep();
      }
    }
    Tensor noted = values.tensor();
    if (notes.notes() != Notes.NONE) {
      noted = noted.withNotes(noted.notes().withPart(Parts.SPARSE, notes.notes()));
    }
    return new NamedSparse(values.name(), new SparseTensor(noted, indices.anonymous(), dims));
  }

  private void field() {
    switch (in.field()) {
      case OfTensor.DIMS -> in.varints(this::dim);
      case OfTensor.DATA_TYPE -> type = TypeReader.elementType(in);
      case OfTensor.FLOAT_DATA -> typed.add(in.field(), in.runOrFixed(4));
      case OfTensor.DOUBLE_DATA -> typed.add(in.field(), in.runOrFixed(8));
      case OfTensor.INT32_DATA, OfTensor.INT64_DATA, OfTensor.UINT64_DATA ->
          typed.add(in.field(), in.runOrVarint());
      case OfTensor.STRING_DATA -> strings.add(in.text());
      case OfTensor.NAME -> name = in.text();
      case OfTensor.RAW_DATA -> {
        raw = in.run();
        hasRaw = true;
      }
      case OfTensor.DOC_STRING -> notes.doc();
      case OfTensor.EXTERNAL_DATA -> {
        Entry entry = NotesReader.entry(in.message("external_data"));
        external.put(entry.key(), entry.value());
      }
      case OfTensor.DATA_LOCATION -> location = in.varint();
      case OfTensor.METADATA_PROPS -> notes.metadata();
      default -> in.keep();
    }
  }

  private void dim(long size) {
    if (size < 0 || dims.size() == MOST_RANK) {
      throw in.malformed(
          "tensor \""
              + name
              + "\": size "
              + size
              + " of axis "
              + dims.size()
              + " (expected: >= 0)");
    }
    dims.add(size);
  }

  private Tensor tensor(ExternalSource source) {
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    if (type == ElementType.UNDEFINED) {
      throw wrong("has no element type");
    }
    if (type == ElementType.STRING) {
      return strings(shape, size(() -> Tensor.sizeOf(shape)));
    }
    if (!strings.isEmpty()) {
      throw wrong("has string_data and is of " + type);
    }
    long bytes = size(() -> type.byteSize(Tensor.sizeOf(shape)));
    return Tensor.of(type, shape, data(source, bytes));
  }

  /** A size that may overflow; the error then names the tensor. */
  private long size(LongSupplier product) {
    try {
      return product.getAsLong();
    } catch (LatheException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private Tensor strings(long[] shape, long count) {
    if (hasRaw || location == EXTERNAL || !typed.isEmpty() || strings.size() != count) {
      throw wrong(
          strings.size()
              + " strings in string_data (expected: "
              + count
              + ", and no other data, for STRING"
              + Arrays.toString(shape)
              + ")");
    }
    return Tensor.ofStrings(strings, shape);
  }

  private MemorySegment data(ExternalSource source, long expected) {
    if (location == EXTERNAL) {
      if (hasRaw || !typed.isEmpty()) {
        throw wrong("has external data and data of its own");
      }
      return source.find(name, external, expected);
    }
    if (location != 0) {
      throw wrong("data_location " + location + " (expected: 0 or 1)");
    }
    if (hasRaw && !typed.isEmpty()) {
      throw wrong("has raw_data and typed data");
    }
    MemorySegment found = hasRaw ? raw : typed.pack(type, expected, this::wrong);
    if (found.byteSize() != expected) {
      throw wrong(
          found.byteSize() + " bytes of data (expected: " + expected + " for " + type + dims + ")");
    }
    return found;
  }

  private LatheException wrong(String what) {
    return in.malformed("tensor \"" + name + "\": " + what);
  }
}
