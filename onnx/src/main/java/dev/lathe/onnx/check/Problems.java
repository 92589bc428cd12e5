package dev.lathe.onnx.check;

import dev.lathe.onnx.Problem;
import java.util.ArrayList;
import java.util.List;

/** Gathers problems, up to a number beyond which nobody reads them. */
final class Problems {
  private static final int MOST = 100;

  private final List<Problem> found = new ArrayList<>();

  void add(String where, String message) {
    if (found.size() < MOST) {
      found.add(new Problem(where, message));
    }
  }

  List<Problem> found() {
    return List.copyOf(found);
  }
}
