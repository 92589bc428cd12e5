package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The texts that are allowed, as an expression. */
sealed interface Form {
  /** As often as wanted. */
  int ENDLESS = Integer.MAX_VALUE;

  /** The empty text alone. */
  Form EMPTY = new Seq(List.of());

  /** No text at all, not even the empty one. */
  Form NEVER = new Alt(List.of());

  /** One character of a set. */
  record Chars(CharSet set) implements Form {}

  /** This very text. */
  record Text(String text) implements Form {}

  /** One after the other. */
  record Seq(List<Form> parts) implements Form {
    public Seq {
      parts = List.copyOf(parts);
    }
  }

  /** One of them. */
  record Alt(List<Form> parts) implements Form {
    public Alt {
      parts = List.copyOf(parts);
    }
  }

  /**
   * The same some times.
   *
   * @param most {@link #ENDLESS}, or a number
   */
  record Repeat(Form part, int least, int most) implements Form {}

  /** What a rule says; the rule has a table of its own. */
  record Call(Rule rule) implements Form {}

  /** A special token, which no text can spell. */
  record Special(int token) implements Form {}

  /** The start of the text; only in regular expressions. */
  record Start() implements Form {}

  /** The end of the text; only in regular expressions. */
  record End() implements Form {}

  /**
   * Any way from the first node to one of the ends, along edges that are forms.
   *
   * @param nodes how many; the first is 0
   */
  record Net(int nodes, List<Edge> edges, Set<Integer> ends) implements Form {
    public Net {
      edges = List.copyOf(edges);
      ends = Set.copyOf(ends);
    }
  }

  /** A way from a node to a node. */
  record Edge(int from, Form form, int to) {}

  static Form seq(Form... parts) {
    return new Seq(List.of(parts));
  }

  static Form alt(Form... parts) {
    return new Alt(List.of(parts));
  }

  static Form text(String text) {
    return new Text(text);
  }

  static Form chars(int... ranges) {
    return new Chars(CharSet.of(ranges));
  }

  static Form star(Form part) {
    return new Repeat(part, 0, ENDLESS);
  }

  static Form maybe(Form part) {
    return new Repeat(part, 0, 1);
  }

  static Form call(String name, Form form) {
    return new Call(Rule.of(name, form));
  }

  /** Every form inside this one, without what rules say. */
  default List<Form> inner() {
    return switch (this) {
      case Seq seq -> seq.parts();
      case Alt alt -> alt.parts();
      case Repeat repeat -> List.of(repeat.part());
      case Net net -> {
        List<Form> forms = new ArrayList<>();
        net.edges().forEach(edge -> forms.add(edge.form()));
        yield forms;
      }
      case Chars _, Text _, Call _, Special _, Start _, End _ -> List.of();
    };
  }
}
