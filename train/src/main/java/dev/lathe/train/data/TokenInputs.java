package dev.lathe.train.data;

import dev.lathe.ir.ElementType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a network takes of a sequence of tokens, INT64 [N, T] each.
 *
 * @param kinds what each input is, by the input's name; tokens are the first
 * @param padding the token that fills up
 */
record TokenInputs(Map<String, Kind> kinds, int padding) {
  /** What an input says of each place. */
  enum Kind {
    /** The token. */
    TOKENS,
    /** 1 where a token is, 0 where the sequence is filled up. */
    MASK,
    /** Which part of a pair the token is of. */
    TYPES,
    /** Its number, from 0. */
    PLACES
  }

  TokenInputs {
    kinds = new LinkedHashMap<>(kinds);
  }

  /** What networks from scratch take. */
  static TokenInputs of(Sequences.Classes classes, int padding) {
    Map<String, Kind> kinds = new LinkedHashMap<>();
    kinds.put(Part.FEATURES, Kind.TOKENS);
    if (classes != Sequences.Classes.NEXT_TOKEN) {
      kinds.put(Sequences.MASK, Kind.MASK);
    }
    if (classes == Sequences.Classes.OF_PAIR_SPAN) {
      kinds.put(Sequences.TYPES, Kind.TYPES);
    }
    return new TokenInputs(kinds, padding);
  }

  /** A column for each input. */
  List<Column> columns(int length) {
    List<Column> columns = new ArrayList<>();
    kinds
        .keySet()
        .forEach(name -> columns.add(new Column(name, ElementType.INT64, List.of((long) length))));
    return columns;
  }

  /** The kinds in the order of the columns. */
  List<Kind> order() {
    return List.copyOf(kinds.values());
  }
}
