package dev.lathe.train.data;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a network answers with.
 *
 * @param count scores of an answer: classes K, numbers K, or tokens V
 * @param labels class names; empty where answers are numbers or tokens
 * @param files what a released model needs beside the graph to be understood, text by file name
 */
public record Outputs(int count, List<String> labels, Map<String, String> files) {
  /** Copies its collections. */
  public Outputs {
    labels = List.copyOf(labels);
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }
}
