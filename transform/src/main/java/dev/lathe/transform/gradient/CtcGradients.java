package dev.lathe.transform.gradient;

import dev.lathe.ir.Attribute;
import dev.lathe.ir.Dim;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.ir.Node;
import dev.lathe.ir.Shape;
import dev.lathe.ir.Tensor;
import dev.lathe.transform.TransformError;
import java.util.List;
import java.util.Map;

/**
 * Connectionist temporal classification as two Scan nodes over the frames, one in each direction,
 * in the log domain. Inputs: scores [N, T, K], target [N, 1 + L] as {@link dev.lathe.transform.Ctc}
 * has it, weights [N]. Outputs as {@link LossGradients} has them.
 *
 * <p>Letters: S = 2·L + 1 states of an example, a blank before, between and behind its labels; α(t,
 * s) is the log of the sum over all ways to be in state s at frame t, β(t, s) over all ways from
 * there to the end. What cannot be is {@link #NEVER} in place of -∞, so that no difference of two
 * infinities arises.
 *
 * @see <a href="https://www.cs.toronto.edu/~graves/icml_2006.pdf">Graves et al. 2006, equations 6
 *     to 16</a>
 */
final class CtcGradients {
  /** Far below any sum of logs of probabilities, far above the least float. */
  private static final double NEVER = -1e30;

  private static final double POSSIBLE = -1e29;
  private static final Map<String, Attribute> ALONG_CLASSES = Map.of("axis", Attribute.of(2L));

  private final Algebra g;
  private final Node node;
  private final Draft draft;
  private final long blank;

  private CtcGradients(Algebra g, Node node) {
    this.g = g;
    this.node = node;
    this.draft = g.draft();
    this.blank = node.intAttribute("blank", 0);
    requireFrames();
  }

  static Node form(Algebra g, Node node) {
    return new CtcGradients(g, node).write();
  }

  static void rule(Algebra g, Reverse r) {
    CtcGradients loss = new CtcGradients(g, r.node());
    r.give(0, () -> loss.gradient(Saved.of(r), r.dy()));
  }

  private void requireFrames() {
    Shape scores = draft.shape(node.input(0));
    boolean fits =
        scores.ranked()
            && scores.rank() == 3
            && (!(scores.dim(2) instanceof Dim.Fixed(long classes)) || blank < classes);
    if (!fits) {
      throw new LatheException(
          TransformError.SHAPE_MISMATCH,
          "prediction \""
              + node.input(0)
              + "\": "
              + scores
              + " (expected: [N, T, K] with frames T, and K above the blank "
              + blank
              + ")");
    }
  }

  /**
   * What the way back reads: names of outputs of the node as it was written.
   *
   * @param logs log softmax of the scores, [N, T, K]
   * @param states the class of each state, INT64 [N, S]
   * @param emitted the logs of the states' classes, [T, N, S]
   * @param alpha α, [T, N, S]
   * @param total log of the sum over all ways, [N, 1]
   * @param each the weight of each example divided by its labels, 0 if there is no way, [N, 1]
   */
  private record Saved(
      String logs, String states, String emitted, String alpha, String total, String each) {
    static Saved of(Reverse r) {
      return new Saved(r.out(2), r.out(3), r.out(4), r.out(5), r.out(6), r.out(7));
    }

    List<String> names() {
      return List.of(logs, states, emitted, alpha, total, each);
    }
  }

  private Node write() {
    String logs = draft.node("LogSoftmax", ALONG_CLASSES, node.input(0));
    String states = states();
    String emitted = g.transpose(bounded(logs, states), 1, 0, 2);
    Forth forth = forth(emitted, skips(states), live());
    String ends = g.add(forth.last(), ends(states));
    String total =
        draft.node("ReduceLogSumExp", Map.of("keepdims", Attribute.of(1L)), ends, draft.longs(1));
    String possible = g.castLike(g.greater(total, POSSIBLE), total);
    String counted = g.mul(g.reshape(node.input(2), -1, 1), possible);
    String labels = g.castLike(g.node("Max", count(), draft.longs(1)), total);
    Saved saved = new Saved(logs, states, emitted, forth.alpha(), total, g.div(counted, labels));
    String sum = g.neg(g.sum(g.mul(total, saved.each()), 0, 0, 1));
    return LossGradients.finish(g, node, List.of(sum, g.sum(counted, 0, 0, 1)), saved.names());
  }

  /** The logs of the states' classes, [N, T, S]; what is impossible by itself is finite, too. */
  private String bounded(String logs, String states) {
    String each = draft.node("GatherElements", ALONG_CLASSES, logs, spread(states));
    return g.where(g.node("Less", each, never()), never(), each);
  }

  /** The target's labels, INT64 [N, L]. */
  private String labels() {
    String labels =
        g.node("Slice", node.input(1), draft.longs(1), draft.longs(Long.MAX_VALUE), draft.longs(1));
    return whole(labels);
  }

  private String whole(String value) {
    return draft.node("Cast", Map.of("to", Attribute.of((long) ElementType.INT64.code())), value);
  }

  private String known() {
    return g.node("GreaterOrEqual", labels(), draft.longs(0));
  }

  /** How many labels there are, INT64 [N, 1]. */
  private String count() {
    return g.sum(whole(known()), 1, 1);
  }

  /** Blank, label, blank, label, ..., blank; INT64 [N, S]. */
  private String states() {
    String labels = g.where(known(), labels(), draft.longs(blank));
    String blanks = g.where(known(), draft.longs(blank), draft.longs(blank));
    Map<String, Attribute> last = Map.of("axis", Attribute.of(2L));
    String pairs =
        draft.node(
            "Concat",
            last,
            g.node("Unsqueeze", blanks, draft.longs(2)),
            g.node("Unsqueeze", labels, draft.longs(2)));
    String flat = draft.node("Flatten", Map.of("axis", Attribute.of(1L)), pairs);
    return pad(flat, 0, 1, draft.constant("blank", Tensor.scalar(blank)));
  }

  /** Moves along the last of two axes: elements added, or taken off where negative. */
  private String pad(String value, long before, long after, String with) {
    return g.node("Pad", value, draft.longs(0, before, 0, after), with);
  }

  /** The states at each frame, [N, T, S]. */
  private String spread(String states) {
    String frames = g.node("Slice", g.node("Shape", node.input(0)), draft.longs(1), draft.longs(2));
    String sizes =
        draft.node(
            "Concat", Map.of("axis", Attribute.of(0L)), draft.longs(1), frames, draft.longs(1));
    return g.node("Expand", g.node("Unsqueeze", states, draft.longs(1)), sizes);
  }

  /** 0 where a state may follow the second before it, which are labels that differ; [N, S]. */
  private String skips(String states) {
    String second = pad(states, 2, -2, draft.constant("blank", Tensor.scalar(blank)));
    String differs = g.node("Not", g.node("Equal", states, second));
    String label = g.node("Not", g.node("Equal", states, draft.longs(blank)));
    return zeroWhere(g.node("And", differs, label));
  }

  private String zeroWhere(String condition) {
    String zero = draft.number(0, node.input(0));
    return g.where(condition, zero, draft.number(NEVER, node.input(0)));
  }

  /** 0 where an example may end: in the last label, or in the blank behind it; [N, S]. */
  private String ends(String states) {
    String place = range(states, 1);
    String last = g.node("Mul", count(), draft.longs(2));
    String label = g.node("Sub", last, draft.longs(1));
    return zeroWhere(g.node("Or", g.node("Equal", place, last), g.node("Equal", place, label)));
  }

  /** Whether an example has a frame, BOOL [T, N, 1]. */
  private String live() {
    String frames =
        whole(g.node("Slice", node.input(1), draft.longs(0), draft.longs(1), draft.longs(1)));
    return g.node("Less", g.reshape(range(node.input(0), 1), -1, 1, 1), frames);
  }

  /** 0, 1, 2, ... along an axis of a value; INT64. */
  private String range(String value, int axis) {
    String size =
        g.node(
            "Gather", g.node("Shape", value), draft.constant("axis", Tensor.scalar((long) axis)));
    String zero = draft.constant("from", Tensor.scalar(0L));
    return g.node("Range", zero, size, draft.constant("by", Tensor.scalar(1L)));
  }

  /**
   * α of all frames and of the last.
   *
   * @param alpha [T, N, S]
   * @param last [N, S]
   */
  private record Forth(String alpha, String last) {}

  /** {@code α(t, s) = log Σ exp α(t-1, s'), s' in {s, s-1, s-2}, + log p(t, s)}. */
  private Forth forth(String emitted, String skips, String live) {
    String never = never();
    String first =
        g.where(
            g.node("Equal", range(skips, 1), draft.longs(0)),
            draft.number(0, skips),
            g.add(g.mul(skips, 0), NEVER));
    ScanBody body = new ScanBody(draft);
    String before = body.state(first);
    String emission = body.each(emitted);
    String is = body.each(live);
    String one = body.node("Pad", before, draft.longs(0, 1, 0, -1), never);
    String two = body.node("Pad", before, draft.longs(0, 2, 0, -2), never);
    String sum = logSum(body, before, one, body.add(two, skips));
    String next = body.node("Where", is, body.add(sum, emission), before);
    body.next(before, next);
    body.collect(next);
    ScanBody.Made made = body.write(false);
    return new Forth(made.sequences().getFirst(), made.last().getFirst());
  }

  /** {@code β(t-1, s) = log Σ exp (β(t, s') + log p(t, s')), s' in {s, s+1, s+2}}; [T, N, S]. */
  private String back(Saved saved, String skips, String live) {
    String never = never();
    String skipped = pad(skips, -2, 2, never);
    ScanBody body = new ScanBody(draft);
    String after = body.state(ends(saved.states()));
    String emission = body.each(saved.emitted());
    String is = body.each(live);
    String through = body.add(after, emission);
    String one = body.node("Pad", through, draft.longs(0, -1, 0, 1), never);
    String two = body.node("Pad", through, draft.longs(0, -2, 0, 2), never);
    String sum = logSum(body, through, one, body.add(two, skipped));
    body.next(after, body.node("Where", is, sum, after));
    body.collect(after);
    return body.write(true).sequences().getFirst();
  }

  private String never() {
    return draft.number(NEVER, node.input(0));
  }

  private static String logSum(ScanBody body, String a, String b, String c) {
    String most = body.node("Max", a, b, c);
    String sum = "";
    for (String each : List.of(a, b, c)) {
      String part = body.node("Exp", body.sub(each, most));
      sum = sum.isEmpty() ? part : body.add(sum, part);
    }
    return body.add(body.node("Log", sum), most);
  }

  /**
   * {@code softmax - Σ exp(α + β - log p)} over the states of a class, at frames that there are.
   */
  private String gradient(Saved saved, String dy) {
    String live = live();
    String beta = back(saved, skips(saved.states()), live);
    String log = g.sub(g.add(saved.alpha(), beta), saved.total());
    String part = g.node("Exp", g.node("Min", log, draft.number(0, log)));
    String parts = g.transpose(part, 1, 0, 2);
    Map<String, Attribute> adding =
        Map.of("axis", Attribute.of(2L), "reduction", Attribute.of("add"));
    String own =
        draft.node(
            "ScatterElements", adding, g.zerosLike(saved.logs()), spread(saved.states()), parts);
    String slope = g.sub(g.node("Exp", saved.logs()), own);
    String each = g.reshape(g.mul(saved.each(), dy), -1, 1, 1);
    return g.mul(g.mask(g.transpose(live, 1, 0, 2), slope), each);
  }
}
