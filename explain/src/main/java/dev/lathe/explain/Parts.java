package dev.lathe.explain;

import java.util.ArrayList;
import java.util.List;

/** The parts of an example that are taken away one at a time: lists of its elements' places. */
final class Parts {
  private Parts() {}

  /**
   * The parts of an example.
   *
   * @param example its shape: [F], [T, F] or [C, H, W] and the like
   * @param method the windows of space
   */
  static List<int[]> of(int[] example, Method.Occlusion method) {
    if (example.length <= 2) {
      int inner = example.length == 2 ? example[1] : 1;
      List<int[]> parts = new ArrayList<>();
      for (int i = 0; i < example[0]; i++) {
        int[] part = new int[inner];
        for (int k = 0; k < inner; k++) {
          part[k] = i * inner + k;
        }
        parts.add(part);
      }
      return parts;
    }
    return windows(example, method);
  }

  private static List<int[]> windows(int[] example, Method.Occlusion method) {
    int shorter = Integer.MAX_VALUE;
    for (int axis = 1; axis < example.length; axis++) {
      shorter = Math.min(shorter, example[axis]);
    }
    int window = method.window() > 0 ? method.window() : Math.max(1, (shorter + 7) / 8);
    int stride = method.stride() > 0 ? method.stride() : Math.max(1, window / 2);
    List<int[]> parts = new ArrayList<>();
    List<int[]> corners = List.of(new int[0]);
    for (int axis = 1; axis < example.length; axis++) {
      corners = extended(corners, starts(example[axis], window, stride));
    }
    for (int[] corner : corners) {
      parts.add(inside(example, corner, window));
    }
    return parts;
  }

  /** Windows begin a stride apart; the last one ends where the axis does. */
  private static List<Integer> starts(int size, int window, int stride) {
    List<Integer> starts = new ArrayList<>();
    for (int at = 0; at + window < size; at += stride) {
      starts.add(at);
    }
    starts.add(Math.max(0, size - window));
    return starts;
  }

  private static List<int[]> extended(List<int[]> corners, List<Integer> starts) {
    List<int[]> more = new ArrayList<>();
    for (int[] corner : corners) {
      for (int start : starts) {
        int[] longer = java.util.Arrays.copyOf(corner, corner.length + 1);
        longer[corner.length] = start;
        more.add(longer);
      }
    }
    return more;
  }

  private static int[] inside(int[] example, int[] corner, int window) {
    List<Integer> places = List.of(0);
    for (int axis = 0; axis < example.length; axis++) {
      int from = axis == 0 ? 0 : corner[axis - 1];
      int to = axis == 0 ? example[0] : Math.min(example[axis], from + window);
      List<Integer> next = new ArrayList<>();
      for (int place : places) {
        for (int i = from; i < to; i++) {
          next.add(place * example[axis] + i);
        }
      }
      places = next;
    }
    return places.stream().mapToInt(Integer::intValue).toArray();
  }
}
