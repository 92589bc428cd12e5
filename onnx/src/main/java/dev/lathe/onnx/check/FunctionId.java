package dev.lathe.onnx.check;

import dev.lathe.ir.Function;
import dev.lathe.ir.Node;

/** What identifies a function of a model. */
record FunctionId(String domain, String name, String overload) {
  static FunctionId of(Function function) {
    return new FunctionId(function.domain(), function.name(), function.overload());
  }

  static FunctionId calledBy(Node node) {
    return new FunctionId(node.domain(), node.op(), node.overload());
  }

  String describe() {
    String path = domain.isEmpty() ? name : domain + "." + name;
    return "function \"" + path + (overload.isEmpty() ? "" : ":" + overload) + "\"";
  }
}
