package dev.lathe.generate.constrain;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/**
 * One form as a net of nodes with edges that take a byte, call a rule or take nothing; node 0 is
 * its start, node 1 its end.
 */
final class ByteNet {
  /** Kinds of edges. */
  static final int NOTHING = 0;

  static final int BYTES = 1;
  static final int CALL = 2;

  /** Copies of a repeated part up to this many nodes are written out; beyond it is counted. */
  private static final int WRITTEN_OUT = 48;

  /** What an edge takes: a kind, and the bytes or the rule of it. */
  private record Taking(int kind, int low, int high) {}

  private final Budget budget;
  private final CharSet alphabet;
  private final ToIntFunction<Rule> rules;
  private final ToIntFunction<Form.Repeat> counted;
  private int nodes = 2;

  /** Of each edge: kind, low or rule, high, target, next edge of the same node. */
  private int[] edges = new int[5 * 64];

  private int edgeCount;
  private int[] first = {-1, -1};

  ByteNet(Tables tables) {
    this.budget = tables.budget();
    this.alphabet = tables.alphabet();
    this.rules = tables::rule;
    this.counted = tables::counted;
  }

  int nodes() {
    return nodes;
  }

  int firstEdge(int node) {
    return first[node];
  }

  int nextEdge(int edge) {
    return edges[edge * 5 + 4];
  }

  int kind(int edge) {
    return edges[edge * 5];
  }

  int low(int edge) {
    return edges[edge * 5 + 1];
  }

  int high(int edge) {
    return edges[edge * 5 + 2];
  }

  int target(int edge) {
    return edges[edge * 5 + 3];
  }

  private int node() {
    budget.work(1);
    if (nodes == first.length) {
      first = Arrays.copyOf(first, nodes * 2);
    }
    first[nodes] = -1;
    return nodes++;
  }

  private void edge(int from, int to, Taking taking) {
    budget.work(1);
    if (edgeCount * 5 == edges.length) {
      edges = Arrays.copyOf(edges, edges.length * 2);
    }
    int at = edgeCount * 5;
    edges[at] = taking.kind();
    edges[at + 1] = taking.low();
    edges[at + 2] = taking.high();
    edges[at + 3] = to;
    edges[at + 4] = first[from];
    first[from] = edgeCount++;
  }

  private void join(int from, int to) {
    edge(from, to, new Taking(NOTHING, 0, 0));
  }

  /** Writes a form between two nodes. */
  void write(Form form, int from, int to) {
    switch (form) {
      case Form.Chars chars -> write(chars.set(), from, to);
      case Form.Text text -> write(text.text(), from, to);
      case Form.Seq seq -> {
        int at = from;
        for (int i = 0; i < seq.parts().size(); i++) {
          int next = i == seq.parts().size() - 1 ? to : node();
          write(seq.parts().get(i), at, next);
          at = next;
        }
        if (seq.parts().isEmpty()) {
          join(from, to);
        }
      }
      case Form.Alt alt -> alt.parts().forEach(part -> write(part, from, to));
      case Form.Repeat repeat -> write(repeat, from, to);
      case Form.Call call -> edge(from, to, new Taking(CALL, rules.applyAsInt(call.rule()), 0));
      case Form.Special special -> write(TokenTable.special(special.token()), from, to);
      case Form.Net net -> write(net, from, to);
      case Form.Start _, Form.End _ ->
          throw new IllegalStateException("an anchor outside of a regular expression");
    }
  }

  private void write(CharSet set, int from, int to) {
    Utf8.split(
        set.and(alphabet),
        (low, high) -> {
          int at = from;
          for (int i = 0; i < low.length; i++) {
            int next = i == low.length - 1 ? to : node();
            edge(at, next, new Taking(BYTES, low[i], high[i]));
            at = next;
          }
        });
  }

  private void write(String text, int from, int to) {
    if (text.codePoints().allMatch(alphabet::has)) {
      write(text.getBytes(StandardCharsets.UTF_8), from, to);
    }
  }

  private void write(byte[] bytes, int from, int to) {
    int at = from;
    for (int i = 0; i < bytes.length; i++) {
      int next = i == bytes.length - 1 ? to : node();
      edge(at, next, new Taking(BYTES, bytes[i] & 0xFF, bytes[i] & 0xFF));
      at = next;
    }
    if (bytes.length == 0) {
      join(from, to);
    }
  }

  private void write(Form.Net net, int from, int to) {
    int[] places = new int[net.nodes()];
    for (int i = 0; i < places.length; i++) {
      places[i] = node();
    }
    join(from, places[0]);
    net.ends().forEach(end -> join(places[end], to));
    for (Form.Edge edge : net.edges()) {
      write(edge.form(), places[edge.from()], places[edge.to()]);
    }
  }

  private void write(Form.Repeat repeat, int from, int to) {
    int copies = repeat.most() == Form.ENDLESS ? repeat.least() : repeat.most();
    if (copies > 1 && (long) copies * size(repeat.part(), WRITTEN_OUT) > WRITTEN_OUT) {
      edge(from, to, new Taking(CALL, counted.applyAsInt(repeat), 0));
      return;
    }
    int at = from;
    for (int i = 0; i < repeat.least(); i++) {
      int next = node();
      write(repeat.part(), at, next);
      at = next;
    }
    if (repeat.most() == Form.ENDLESS) {
      int loop = node();
      join(at, loop);
      int back = node();
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

  /** About how many nodes a form takes; counting stops beyond a number. */
  private static int size(Form form, int most) {
    int size =
        switch (form) {
          case Form.Text text -> text.text().length();
          case Form.Chars _, Form.Call _, Form.Special _, Form.Start _, Form.End _ -> 1;
          case Form.Repeat repeat ->
              repeat.most() == Form.ENDLESS ? repeat.least() : Math.min(most, repeat.most());
          case Form.Seq _, Form.Alt _, Form.Net _ -> 0;
        };
    for (Form part : form.inner()) {
      if (size > most) {
        return size;
      }
      size += size(part, most);
    }
    return size;
  }
}
