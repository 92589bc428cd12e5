package dev.lathe.ir;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A dense tensor: an element type, a concrete shape, and its elements by reference.
 *
 * <p>Fixed-width elements lie in a {@link MemorySegment}, little-endian and row-major; sub-byte
 * types are packed with the first element in the low bits. STRING elements are a list. The tensor
 * does not own the segment: whoever allocated it says how long it lives (an automatic arena unless
 * told otherwise). Tensors are compared by identity; {@link #sameContent} compares elements.
 */
public final class Tensor {
  private final ElementType type;
  private final long[] dims;
  private final long size;
  private final MemorySegment data;
  private final List<String> strings;
  private final Notes notes;

  private Tensor(ElementType type, long[] dims, MemorySegment data, List<String> strings) {
    this.type = type;
    this.dims = dims.clone();
    this.size = sizeOf(this.dims);
    this.data = data;
    this.strings = strings;
    this.notes = Notes.NONE;
  }

  private Tensor(Tensor same, Notes notes) {
    this.type = same.type;
    this.dims = same.dims;
    this.size = same.size;
    this.data = same.data;
    this.strings = same.strings;
    this.notes = notes;
  }

  /**
   * A tensor over a segment that is already filled; the segment is not copied.
   *
   * @param type any fixed-width type
   * @param dims the shape
   * @param data exactly the bytes that the shape takes
   * @return the tensor
   * @throws LatheException SIZE_MISMATCH if the segment has another size, BAD_SHAPE if a size is
   *     negative or their product overflows
   */
  public static Tensor of(ElementType type, long[] dims, MemorySegment data) {
    long expected = type.byteSize(sizeOf(dims));
    if (data.byteSize() != expected) {
      throw wrongSize(type, dims, data.byteSize() + " bytes (expected: " + expected + ")");
    }
    return new Tensor(type, dims, data, List.of());
  }

  /**
   * A tensor of zeros, off-heap, freed when it is no longer reachable.
   *
   * @param type any fixed-width type
   * @param dims the shape
   * @return the tensor
   */
  public static Tensor zeros(ElementType type, long... dims) {
    return of(type, dims, Arena.ofAuto().allocate(Math.max(0, type.byteSize(sizeOf(dims))), 64));
  }

  /**
   * A FLOAT tensor with a copy of the values.
   *
   * @param values row-major
   * @param dims the shape; empty makes a scalar
   * @return the tensor
   */
  public static Tensor ofFloats(float[] values, long... dims) {
    return of(ElementType.FLOAT, dims, copyOf(MemorySegment.ofArray(values)));
  }

  /**
   * A DOUBLE tensor with a copy of the values.
   *
   * @param values row-major
   * @param dims the shape; empty makes a scalar
   * @return the tensor
   */
  public static Tensor ofDoubles(double[] values, long... dims) {
    return of(ElementType.DOUBLE, dims, copyOf(MemorySegment.ofArray(values)));
  }

  /**
   * An INT64 tensor with a copy of the values.
   *
   * @param values row-major
   * @param dims the shape; empty makes a scalar
   * @return the tensor
   */
  public static Tensor ofLongs(long[] values, long... dims) {
    return of(ElementType.INT64, dims, copyOf(MemorySegment.ofArray(values)));
  }

  /**
   * An INT32 tensor with a copy of the values.
   *
   * @param values row-major
   * @param dims the shape; empty makes a scalar
   * @return the tensor
   */
  public static Tensor ofInts(int[] values, long... dims) {
    return of(ElementType.INT32, dims, copyOf(MemorySegment.ofArray(values)));
  }

  /**
   * A tensor of raw bytes of any fixed-width type.
   *
   * @param type the element type
   * @param bytes the packed elements, copied
   * @param dims the shape
   * @return the tensor
   */
  public static Tensor ofBytes(ElementType type, byte[] bytes, long... dims) {
    return of(type, dims, copyOf(MemorySegment.ofArray(bytes)));
  }

  /**
   * A tensor of a type, each element rounded to it.
   *
   * @param type a real numeric type or BOOL
   * @param values row-major
   * @param dims the shape
   * @return the tensor
   */
  public static Tensor ofValues(ElementType type, double[] values, long... dims) {
    Tensor tensor = zeros(type, dims);
    if (values.length != tensor.size()) {
      throw new LatheException(
          IrError.SIZE_MISMATCH,
          values.length + " values for " + tensor + " (expected: " + tensor.size() + ")");
    }
    for (int i = 0; i < values.length; i++) {
      Elements.write(type, tensor.data, i, values[i]);
    }
    return tensor;
  }

  /**
   * A STRING tensor.
   *
   * @param values row-major
   * @param dims the shape
   * @return the tensor
   * @throws LatheException SIZE_MISMATCH if the count does not fit the shape
   */
  public static Tensor ofStrings(List<String> values, long... dims) {
    if (values.size() != sizeOf(dims)) {
      throw wrongSize(
          ElementType.STRING, dims, values.size() + " elements (expected: " + sizeOf(dims) + ")");
    }
    return new Tensor(ElementType.STRING, dims, MemorySegment.NULL, ByteStrings.keep(values));
  }

  /**
   * A FLOAT scalar.
   *
   * @param value its value
   * @return a tensor of shape []
   */
  public static Tensor scalar(float value) {
    return ofFloats(new float[] {value});
  }

  /**
   * An INT64 scalar.
   *
   * @param value its value
   * @return a tensor of shape []
   */
  public static Tensor scalar(long value) {
    return ofLongs(new long[] {value});
  }

  /**
   * The product of sizes.
   *
   * @param dims a concrete shape
   * @return the number of elements; 1 for a scalar
   * @throws LatheException BAD_SHAPE if a size is negative or the product overflows
   */
  public static long sizeOf(long... dims) {
    return Shape.count(dims);
  }

  /**
   * The element type.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * The shape.
   *
   * @return a new array
   */
  public long[] dims() {
    return dims.clone();
  }

  /**
   * One size.
   *
   * @param axis 0 to rank - 1, or negative from the end
   * @return the size
   */
  public long dim(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /**
   * The number of axes.
   *
   * @return 0 for a scalar
   */
  public int rank() {
    return dims.length;
  }

  /**
   * The number of elements.
   *
   * @return the product of the shape
   */
  public long size() {
    return size;
  }

  /**
   * The bytes of the elements.
   *
   * @return the packed size; 0 for STRING
   */
  public long byteSize() {
    return data.byteSize();
  }

  /**
   * The elements, little-endian, row-major.
   *
   * @return the segment itself; {@link MemorySegment#NULL} for STRING
   */
  public MemorySegment data() {
    return data;
  }

  /**
   * The elements of a STRING tensor.
   *
   * @return the elements, row-major; empty for other types
   */
  public List<String> strings() {
    return strings;
  }

  /**
   * What the file said about this tensor beyond its elements.
   *
   * @return the notes
   */
  public Notes notes() {
    return notes;
  }

  /**
   * This tensor with other notes; nothing is copied.
   *
   * @param newNotes the notes
   * @return a tensor over the same segment
   */
  public Tensor withNotes(Notes newNotes) {
    return new Tensor(this, newNotes);
  }

  /**
   * This tensor's type and shape.
   *
   * @return the type
   */
  public ValueType.TensorType tensorType() {
    return new ValueType.TensorType(type, Shape.of(dims));
  }

  /**
   * The same elements under another shape of the same size; nothing is copied.
   *
   * @param newDims the shape
   * @return a tensor over the same segment
   */
  public Tensor reshaped(long... newDims) {
    return type == ElementType.STRING ? ofStrings(strings, newDims) : of(type, newDims, data);
  }

  /**
   * An element as a double, widened exactly (INT64 and UINT64 beyond 2⁵³ are rounded).
   *
   * @param index row-major place
   * @return the value; BOOL gives 0 or 1
   */
  public double doubleAt(long index) {
    return Elements.read(type, data, index);
  }

  /**
   * An element of an integer type or BOOL, exactly; UINT64 by its bits.
   *
   * @param index row-major place
   * @return the value
   * @throws LatheException TYPE_MISMATCH if the type is not an integer's
   */
  public long longAt(long index) {
    return Elements.readLong(type, data, index);
  }

  /**
   * All elements of a FLOAT tensor.
   *
   * @return a new array
   * @throws LatheException TYPE_MISMATCH if the type is not FLOAT
   */
  public float[] toFloats() {
    require(ElementType.FLOAT);
    float[] values = new float[Math.toIntExact(size)];
    MemorySegment.copy(data, Elements.FLOAT, 0, values, 0, values.length);
    return values;
  }

  /**
   * All elements of an INT64 tensor.
   *
   * @return a new array
   * @throws LatheException TYPE_MISMATCH if the type is not INT64
   */
  public long[] toLongs() {
    require(ElementType.INT64);
    long[] values = new long[Math.toIntExact(size)];
    MemorySegment.copy(data, Elements.LONG, 0, values, 0, values.length);
    return values;
  }

  /**
   * All elements of a numeric tensor, widened.
   *
   * @return a new array
   */
  public double[] toDoubles() {
    double[] values = new double[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = doubleAt(i);
    }
    return values;
  }

  /**
   * Whether another tensor has the same type, shape and elements, bit for bit.
   *
   * @param other the other tensor
   * @return true if nothing differs
   */
  public boolean sameContent(Tensor other) {
    return type == other.type
        && Arrays.equals(dims, other.dims)
        && strings.equals(other.strings)
        && data.mismatch(other.data) == -1;
  }

  private void require(ElementType expected) {
    if (type != expected) {
      throw new LatheException(
          IrError.TYPE_MISMATCH, "tensor of " + type + " (expected: " + expected + ")");
    }
  }

  private static LatheException wrongSize(ElementType type, long[] dims, String found) {
    return new LatheException(
        IrError.SIZE_MISMATCH, "tensor " + type + Arrays.toString(dims) + ": " + found);
  }

  private static MemorySegment copyOf(MemorySegment heap) {
    MemorySegment copy = Arena.ofAuto().allocate(heap.byteSize(), 64);
    return copy.copyFrom(heap);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(dims);
  }
}
