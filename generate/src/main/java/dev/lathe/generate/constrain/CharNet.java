package dev.lathe.generate.constrain;

import java.util.ArrayList;
import java.util.List;

/**
 * A regular form as a net of nodes with edges that take a character, nothing, or nothing at the
 * start or the end of the text; node 0 is its start, node 1 its end.
 */
final class CharNet {
  private final Budget budget;
  private final List<List<Edge>> edges = new ArrayList<>();

  /** When an edge may be gone along. */
  enum When {
    /** With a character of its set. */
    CHARACTER,
    /** Always, for nothing. */
    ALWAYS,
    /** For nothing, before the first character. */
    START,
    /** For nothing, after the last character. */
    END
  }

  /** An edge to a node. */
  record Edge(When when, CharSet set, int to) {}

  CharNet(Budget budget) {
    this.budget = budget;
    node();
    node();
  }

  int nodes() {
    return edges.size();
  }

  List<Edge> edges(int node) {
    return edges.get(node);
  }

  int node() {
    budget.part();
    edges.add(new ArrayList<>(2));
    return edges.size() - 1;
  }

  void join(int from, int to) {
    edge(from, When.ALWAYS, CharSet.NONE, to);
  }

  void edge(int from, When when, CharSet set, int to) {
    budget.part();
    edges.get(from).add(new Edge(when, set, to));
  }

  /** Writes a form between two nodes. */
  void write(Form form, int from, int to) {
    switch (form) {
      case Form.Chars chars -> edge(from, When.CHARACTER, chars.set(), to);
      case Form.Text text -> {
        int[] codes = text.text().codePoints().toArray();
        int at = from;
        for (int code : codes) {
          int next = node();
          edge(at, When.CHARACTER, CharSet.one(code), next);
          at = next;
        }
        join(at, to);
      }
      case Form.Seq seq -> {
        int at = from;
        for (Form part : seq.parts()) {
          int next = node();
          write(part, at, next);
          at = next;
        }
        join(at, to);
      }
      case Form.Alt alt -> alt.parts().forEach(part -> write(part, from, to));
      case Form.Repeat repeat -> write(repeat, from, to);
      case Form.Start _ -> edge(from, When.START, CharSet.NONE, to);
      case Form.End _ -> edge(from, When.END, CharSet.NONE, to);
      case Form.Net net -> {
        int[] places = new int[net.nodes()];
        for (int i = 0; i < places.length; i++) {
          places[i] = node();
        }
        join(from, places[0]);
        net.ends().forEach(end -> join(places[end], to));
        net.edges().forEach(edge -> write(edge.form(), places[edge.from()], places[edge.to()]));
      }
      case Form.Call _, Form.Special _ ->
          throw new IllegalStateException("no regular expression: " + form.getClass());
    }
  }

  private void write(Form.Repeat repeat, int from, int to) {
    int at = from;
    for (int i = 0; i < repeat.least(); i++) {
      int next = node();
      write(repeat.part(), at, next);
      at = next;
    }
    if (repeat.most() == Form.ENDLESS) {
      int loop = node();
      int back = node();
      join(at, loop);
      write(repeat.part(), loop, back);
      join(back, loop);
      join(loop, to);
      return;
    }
    for (int i = repeat.least(); i < repeat.most(); i++) {
      join(at, to);
      int next = node();
      write(repeat.part(), at, next);
      at = next;
    }
    join(at, to);
  }
}
