package dev.lathe.onnx.codec;

/**
 * Field numbers of ONNX's messages.
 *
 * @see <a href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>
 */
final class Fields {
  private Fields() {}

  /** ModelProto; {@code training_info} and {@code configuration} are kept as they are. */
  static final class OfModel {
    static final int IR_VERSION = 1;
    static final int PRODUCER_NAME = 2;
    static final int PRODUCER_VERSION = 3;
    static final int DOMAIN = 4;
    static final int MODEL_VERSION = 5;
    static final int DOC_STRING = 6;
    static final int GRAPH = 7;
    static final int OPSET_IMPORT = 8;
    static final int METADATA_PROPS = 14;
    static final int FUNCTIONS = 25;

    private OfModel() {}
  }

  /** OperatorSetIdProto. */
  static final class OfOpset {
    static final int DOMAIN = 1;
    static final int VERSION = 2;

    private OfOpset() {}
  }

  /** StringStringEntryProto. */
  static final class OfEntry {
    static final int KEY = 1;
    static final int VALUE = 2;

    private OfEntry() {}
  }

  /** GraphProto; {@code quantization_annotation} is kept as it is. */
  static final class OfGraph {
    static final int NODE = 1;
    static final int NAME = 2;
    static final int INITIALIZER = 5;
    static final int DOC_STRING = 10;
    static final int INPUT = 11;
    static final int OUTPUT = 12;
    static final int VALUE_INFO = 13;
    static final int SPARSE_INITIALIZER = 15;
    static final int METADATA_PROPS = 16;

    private OfGraph() {}
  }

  /** NodeProto; {@code device_configurations} are kept as they are. */
  static final class OfNode {
    static final int INPUT = 1;
    static final int OUTPUT = 2;
    static final int NAME = 3;
    static final int OP_TYPE = 4;
    static final int ATTRIBUTE = 5;
    static final int DOC_STRING = 6;
    static final int DOMAIN = 7;
    static final int OVERLOAD = 8;
    static final int METADATA_PROPS = 9;

    private OfNode() {}
  }

  /** AttributeProto. */
  static final class OfAttribute {
    static final int NAME = 1;
    static final int F = 2;
    static final int I = 3;
    static final int S = 4;
    static final int T = 5;
    static final int G = 6;
    static final int FLOATS = 7;
    static final int INTS = 8;
    static final int STRINGS = 9;
    static final int TENSORS = 10;
    static final int GRAPHS = 11;
    static final int DOC_STRING = 13;
    static final int TP = 14;
    static final int TYPE_PROTOS = 15;
    static final int TYPE = 20;
    static final int REF_ATTR_NAME = 21;
    static final int SPARSE_TENSOR = 22;
    static final int SPARSE_TENSORS = 23;

    private OfAttribute() {}
  }

  /** ValueInfoProto. */
  static final class OfValue {
    static final int NAME = 1;
    static final int TYPE = 2;
    static final int DOC_STRING = 3;
    static final int METADATA_PROPS = 4;

    private OfValue() {}
  }

  /** TensorProto; {@code segment} is kept as it is. */
  static final class OfTensor {
    static final int DIMS = 1;
    static final int DATA_TYPE = 2;
    static final int FLOAT_DATA = 4;
    static final int INT32_DATA = 5;
    static final int STRING_DATA = 6;
    static final int INT64_DATA = 7;
    static final int NAME = 8;
    static final int RAW_DATA = 9;
    static final int DOUBLE_DATA = 10;
    static final int UINT64_DATA = 11;
    static final int DOC_STRING = 12;
    static final int EXTERNAL_DATA = 13;
    static final int DATA_LOCATION = 14;
    static final int METADATA_PROPS = 16;

    private OfTensor() {}
  }

  /** SparseTensorProto. */
  static final class OfSparse {
    static final int VALUES = 1;
    static final int INDICES = 2;
    static final int DIMS = 3;

    private OfSparse() {}
  }

  /** TypeProto; {@code denotation} and {@code opaque_type} are kept as they are. */
  static final class OfType {
    static final int TENSOR = 1;
    static final int SEQUENCE = 4;
    static final int MAP = 5;
    static final int SPARSE_TENSOR = 8;
    static final int OPTIONAL = 9;

    private OfType() {}
  }

  /** TypeProto.Tensor, SparseTensor, Sequence and Optional, which share their numbers, and Map. */
  static final class OfTypeBody {
    static final int ELEM_TYPE = 1;
    static final int SHAPE = 2;
    static final int KEY_TYPE = 1;
    static final int VALUE_TYPE = 2;

    private OfTypeBody() {}
  }

  /** TensorShapeProto and its Dimension. */
  static final class OfShape {
    static final int DIM = 1;
    static final int DIM_VALUE = 1;
    static final int DIM_PARAM = 2;
    static final int DENOTATION = 3;

    private OfShape() {}
  }

  /** FunctionProto. */
  static final class OfFunction {
    static final int NAME = 1;
    static final int INPUT = 4;
    static final int OUTPUT = 5;
    static final int ATTRIBUTE = 6;
    static final int NODE = 7;
    static final int DOC_STRING = 8;
    static final int OPSET_IMPORT = 9;
    static final int DOMAIN = 10;
    static final int ATTRIBUTE_PROTO = 11;
    static final int VALUE_INFO = 12;
    static final int OVERLOAD = 13;
    static final int METADATA_PROPS = 14;

    private OfFunction() {}
  }
}
