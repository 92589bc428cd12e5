package dev.lathe.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.lathe.ir.Attribute;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.Graph;
import dev.lathe.ir.GraphBuilder;
import dev.lathe.ir.Model;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.onnx.OnnxFile;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Carries UINT16, UINT32 and UINT64 over the engine's Java binding, which can make tensors of the
 * signed types only: a session of one Cast node turns the signed tensor into the unsigned one.
 * Casts between integers of one width keep the bits.
 */
final class Unsigned {
  private static final Map<ElementType, OrtSession> CASTS = new ConcurrentHashMap<>();

  private Unsigned() {}

  /** Whether a type needs the detour. */
  static boolean carries(ElementType type) {
    return type == ElementType.UINT16 || type == ElementType.UINT32 || type == ElementType.UINT64;
  }

  /**
   * A new tensor of the engine with the bits of a signed one.
   *
   * @return a result of one tensor; the caller closes it
   */
  static OrtSession.Result turn(ElementType unsigned, OnnxTensor signed) throws OrtException {
    return castTo(unsigned).run(Map.of("x", signed));
  }

  /** Copies the bits of one tensor into another: of the type given, from the other sign. */
  static void copy(ElementType to, OnnxTensor from, OnnxTensor into) throws OrtException {
    castTo(to).run(Map.of("x", from), Set.of(), Map.of("y", into)).close();
  }

  static ElementType signedOf(ElementType unsigned) {
    return ElementType.valueOf(unsigned.name().substring(1));
  }

  private static ElementType otherSign(ElementType type) {
    return type.isUnsigned() ? signedOf(type) : ElementType.valueOf("U" + type.name());
  }

  /** At most six sessions, of one node each; they live as long as the engine does. */
  private static OrtSession castTo(ElementType type) throws OrtException {
    OrtSession known = CASTS.get(type);
    if (known != null) {
      return known;
    }
    try (OrtSession.SessionOptions options = Engine.options(SessionOptions.defaults())) {
      OrtSession made =
          Engine.environment().createSession(OnnxFile.toBytes(Model.of(cast(type))), options);
      OrtSession first = CASTS.putIfAbsent(type, made);
      if (first == null) {
        return made;
      }
      made.close();
      return first;
    }
  }

  private static Graph cast(ElementType to) {
    GraphBuilder builder = new GraphBuilder("cast");
    Shape any = Shape.UNRANKED;
    builder.input("x", otherSign(to), any);
    builder.append(
        Node.of("Cast", List.of("x"), List.of("y")).with("to", Attribute.of((long) to.code())));
    builder.output("y", to, any);
    return builder.build();
  }
}
