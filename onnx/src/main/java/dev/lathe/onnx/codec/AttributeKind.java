package dev.lathe.onnx.codec;

import dev.lathe.ir.Attribute;
import dev.lathe.onnx.codec.Fields.OfAttribute;

/** AttributeProto.AttributeType: the code of each kind of attribute and the field it stands in. */
public enum AttributeKind {
  /** No kind given, as in the first version of the format. */
  UNDEFINED(0),
  /** One FLOAT. */
  FLOAT(OfAttribute.F),
  /** One INT64. */
  INT(OfAttribute.I),
  /** One byte string. */
  STRING(OfAttribute.S),
  /** One tensor. */
  TENSOR(OfAttribute.T),
  /** One graph. */
  GRAPH(OfAttribute.G),
  /** FLOATs. */
  FLOATS(OfAttribute.FLOATS),
  /** INT64s. */
  INTS(OfAttribute.INTS),
  /** Byte strings. */
  STRINGS(OfAttribute.STRINGS),
  /** Tensors. */
  TENSORS(OfAttribute.TENSORS),
  /** Graphs. */
  GRAPHS(OfAttribute.GRAPHS),
  /** One sparse tensor. */
  SPARSE_TENSOR(OfAttribute.SPARSE_TENSOR),
  /** Sparse tensors. */
  SPARSE_TENSORS(OfAttribute.SPARSE_TENSORS),
  /** One type. */
  TYPE_PROTO(OfAttribute.TP),
  /** Types. */
  TYPE_PROTOS(OfAttribute.TYPE_PROTOS);

  private static final AttributeKind[] BY_CODE = values();

  private final int field;

  AttributeKind(int field) {
    this.field = field;
  }

  /**
   * The kind of a value.
   *
   * @param attribute the value
   * @return its kind; that of the caller's attribute if it is a reference
   */
  public static AttributeKind of(Attribute attribute) {
    return switch (attribute) {
      case Attribute.OfFloat _ -> FLOAT;
      case Attribute.OfInt _ -> INT;
      case Attribute.OfString _ -> STRING;
      case Attribute.OfTensor _ -> TENSOR;
      case Attribute.OfGraph _ -> GRAPH;
      case Attribute.OfFloats _ -> FLOATS;
      case Attribute.OfInts _ -> INTS;
      case Attribute.OfStrings _ -> STRINGS;
      case Attribute.OfTensors _ -> TENSORS;
      case Attribute.OfGraphs _ -> GRAPHS;
      case Attribute.OfSparseTensor _ -> SPARSE_TENSOR;
      case Attribute.OfSparseTensors _ -> SPARSE_TENSORS;
      case Attribute.OfType _ -> TYPE_PROTO;
      case Attribute.OfTypes _ -> TYPE_PROTOS;
      case Attribute.Reference reference ->
          isCode(reference.type()) ? BY_CODE[reference.type()] : UNDEFINED;
    };
  }

  /** The kind with a code, which {@link #isCode} has found to be one. */
  static AttributeKind ofCode(long code) {
    return BY_CODE[(int) code];
  }

  static boolean isCode(long code) {
    return code >= 0 && code < BY_CODE.length;
  }

  /** The kind whose values stand in a field. */
  static AttributeKind ofField(int field) {
    for (AttributeKind kind : BY_CODE) {
      if (kind.field == field) {
        return kind;
      }
    }
    return UNDEFINED;
  }

  int code() {
    return ordinal();
  }
}
