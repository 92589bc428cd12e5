package dev.lathe.ir;

import java.util.List;

/** The value of a node's attribute. Closed: ONNX has these kinds and no other. */
public sealed interface Attribute {
  /**
   * FLOAT.
   *
   * @param value the number
   */
  record OfFloat(float value) implements Attribute {}

  /**
   * INT.
   *
   * @param value the number
   */
  record OfInt(long value) implements Attribute {}

  /**
   * STRING, which is bytes, UTF-8 as a rule.
   *
   * @param value the bytes
   */
  record OfString(Bytes value) implements Attribute {}

  /**
   * TENSOR.
   *
   * @param value the tensor
   */
  record OfTensor(Tensor value) implements Attribute {}

  /**
   * SPARSE_TENSOR.
   *
   * @param value the tensor
   */
  record OfSparseTensor(SparseTensor value) implements Attribute {}

  /**
   * GRAPH: a body of control flow.
   *
   * @param value the graph
   */
  record OfGraph(Graph value) implements Attribute {}

  /**
   * TYPE_PROTO.
   *
   * @param value the type
   */
  record OfType(ValueType value) implements Attribute {}

  /**
   * FLOATS.
   *
   * @param values the numbers
   */
  record OfFloats(List<Float> values) implements Attribute {
    /** Copies the list. */
    public OfFloats {
      values = List.copyOf(values);
    }
  }

  /**
   * INTS.
   *
   * @param values the numbers
   */
  record OfInts(List<Long> values) implements Attribute {
    /** Copies the list. */
    public OfInts {
      values = List.copyOf(values);
    }
  }

  /**
   * STRINGS.
   *
   * @param values the byte strings
   */
  record OfStrings(List<Bytes> values) implements Attribute {
    /** Copies the list. */
    public OfStrings {
      values = List.copyOf(values);
    }
  }

  /**
   * TENSORS.
   *
   * @param values the tensors
   */
  record OfTensors(List<Tensor> values) implements Attribute {
    /** Copies the list. */
    public OfTensors {
      values = List.copyOf(values);
    }
  }

  /**
   * SPARSE_TENSORS.
   *
   * @param values the tensors
   */
  record OfSparseTensors(List<SparseTensor> values) implements Attribute {
    /** Copies the list. */
    public OfSparseTensors {
      values = List.copyOf(values);
    }
  }

  /**
   * GRAPHS.
   *
   * @param values the graphs
   */
  record OfGraphs(List<Graph> values) implements Attribute {
    /** Copies the list. */
    public OfGraphs {
      values = List.copyOf(values);
    }
  }

  /**
   * TYPE_PROTOS.
   *
   * @param values the types
   */
  record OfTypes(List<ValueType> values) implements Attribute {
    /** Copies the list. */
    public OfTypes {
      values = List.copyOf(values);
    }
  }

  /**
   * Inside a function: the value of the caller's attribute.
   *
   * @param name the function's attribute
   * @param type the code of {@code AttributeProto.AttributeType} that it must have
   */
  record Reference(String name, int type) implements Attribute {}

  /**
   * FLOAT.
   *
   * @param value the number
   * @return the attribute
   */
  static Attribute of(float value) {
    return new OfFloat(value);
  }

  /**
   * INT.
   *
   * @param value the number
   * @return the attribute
   */
  static Attribute of(long value) {
    return new OfInt(value);
  }

  /**
   * STRING.
   *
   * @param text the text
   * @return the attribute
   */
  static Attribute of(String text) {
    return new OfString(Bytes.utf8(text));
  }

  /**
   * TENSOR.
   *
   * @param tensor the tensor
   * @return the attribute
   */
  static Attribute of(Tensor tensor) {
    return new OfTensor(tensor);
  }

  /**
   * INTS.
   *
   * @param values the numbers
   * @return the attribute
   */
  static Attribute ofInts(long... values) {
    return new OfInts(java.util.Arrays.stream(values).boxed().toList());
  }
}
