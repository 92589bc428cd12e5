package dev.lathe.generate;

import dev.lathe.generate.AnswerForm.Calls;
import dev.lathe.generate.AnswerForm.Otherwise;
import dev.lathe.generate.AnswerForm.Thinking;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells text, thoughts and calls of tools apart while an answer comes. What does not turn out to be
 * a call is text. Not safe for use by several threads.
 */
public final class AnswerParser {
  private static final String THINK = "<think>";
  private static final String END_THINK = "</think>";
  private static final String TAG = "<tool_call>";
  private static final String END_TAG = "</tool_call>";
  private static final String PYTHON = "<|python_tag|>";
  private static final String MISTRAL = "[TOOL_CALLS]";
  private static final String ARGS = "[ARGS]";
  private static final int LONGEST_NAME = 256;
  private static final Pattern NAMED =
      Pattern.compile("([\\w.-]{1,128})\\s*(?:\\[ARGS\\]\\s*)?(?=\\{)");

  /** What stands before, between and after calls; the longer ones first. */
  private static final List<String> SEPARATORS =
      List.of(MISTRAL, END_TAG, TAG, PYTHON, "[", "]", ",", ";");

  /** What the next character is part of. */
  private enum Mode {
    TEXT,
    THOUGHT,
    CALL,
    BETWEEN
  }

  private final AnswerForm form;
  private final List<AnswerPart> parts = new ArrayList<>();
  private Mode mode;
  private StopText search;
  private @Nullable CallScanner scanner;
  private final StringBuilder blanks = new StringBuilder();
  private final StringBuilder between = new StringBuilder();
  private String opened = "";
  private boolean named;
  private boolean textBegun;
  private boolean skipsBlanks;
  private boolean undecided;
  private int calls;

  /**
   * Nothing has come yet.
   *
   * @param form how the model writes
   */
  public AnswerParser(AnswerForm form) {
    this.form = form;
    this.undecided = form.otherwise() == Otherwise.CONSTRAINED && !form.tools().isEmpty();
    this.mode = form.reasoning() == Thinking.BEGUN ? Mode.THOUGHT : Mode.TEXT;
    this.skipsBlanks = mode == Mode.THOUGHT;
    this.search = new StopText(markers());
  }

  /**
   * The special tokens that say something here; all others are left out of an answer.
   *
   * @return as they are written
   */
  public static Set<String> specials() {
    return Set.of(THINK, END_THINK, TAG, END_TAG, PYTHON, MISTRAL, ARGS);
  }

  private List<String> markers() {
    if (mode == Mode.THOUGHT) {
      return List.of(END_THINK);
    }
    List<String> markers = new ArrayList<>();
    if (form.otherwise() == Otherwise.CONSTRAINED) {
      return markers;
    }
    if (form.reasoning() != Thinking.NOT_MARKED) {
      markers.add(THINK);
    }
    if (!form.tools().isEmpty()) {
      switch (form.calls()) {
        case TAGGED -> markers.add(TAG);
        case LLAMA -> markers.add(PYTHON);
        case MISTRAL -> markers.add(MISTRAL);
        case BARE -> {}
      }
    }
    return markers;
  }

  /**
   * The next piece of the answer.
   *
   * @param piece any text
   * @return what is certain now
   */
  public List<AnswerPart> push(String piece) {
    String rest = piece;
    while (!rest.isEmpty()) {
      rest =
          switch (mode) {
            case TEXT, THOUGHT -> prose(rest);
            case CALL -> call(rest);
            case BETWEEN -> between(rest);
          };
    }
    return taken();
  }

  private List<AnswerPart> taken() {
    List<AnswerPart> taken = joined(parts);
    parts.clear();
    return taken;
  }

  /** Pieces of one kind that follow each other become one. */
  private static List<AnswerPart> joined(List<AnswerPart> parts) {
    List<AnswerPart> joined = new ArrayList<>();
    for (AnswerPart part : parts) {
      AnswerPart both = joined.isEmpty() ? null : both(joined.getLast(), part);
      if (both == null) {
        joined.add(part);
      } else {
        joined.set(joined.size() - 1, both);
      }
    }
    return joined;
  }

  private static @Nullable AnswerPart both(AnswerPart before, AnswerPart part) {
    return switch (part) {
      case AnswerPart.Text text when before instanceof AnswerPart.Text first ->
          new AnswerPart.Text(first.text() + text.text());
      case AnswerPart.Reasoning text when before instanceof AnswerPart.Reasoning first ->
          new AnswerPart.Reasoning(first.text() + text.text());
      case AnswerPart.CallArguments text
          when before instanceof AnswerPart.CallArguments first && first.call() == text.call() ->
          new AnswerPart.CallArguments(text.call(), first.text() + text.text());
      default -> null;
    };
  }

  /** Whether an answer that is either calls or none begins as calls do. */
  private String decide(String piece) {
    blanks.append(piece);
    String text = blanks.toString();
    for (String beginning : StrictCalls.beginnings(form.calls(), form.tools())) {
      if (text.startsWith(beginning)) {
        undecided = false;
        blanks.setLength(0);
        if (beginning.charAt(0) == '{') {
          begin(Set.of(), "");
          return text;
        }
        open(beginning);
        return text.substring(beginning.length());
      }
      if (beginning.startsWith(text)) {
        return "";
      }
    }
    undecided = false;
    blanks.setLength(0);
    toText(text);
    return "";
  }

  private String prose(String piece) {
    if (mode == Mode.TEXT && undecided) {
      return decide(piece);
    }
    if (mode == Mode.TEXT && !textBegun && mayBeBare()) {
      String stripped = piece.stripLeading();
      if (stripped.isEmpty()) {
        blanks.append(piece);
        return "";
      }
      if (stripped.charAt(0) == '{') {
        String blank = piece.substring(0, piece.length() - stripped.length());
        begin(form.tools(), blanks + blank);
        blanks.setLength(0);
        return stripped;
      }
    }
    String before = blanks.toString();
    blanks.setLength(0);
    say(before + search.push(piece));
    if (search.found().isEmpty()) {
      return "";
    }
    blanks.setLength(0);
    String rest = search.rest();
    open(search.found());
    return rest;
  }

  private boolean mayBeBare() {
    boolean bare = form.calls() == Calls.BARE || form.calls() == Calls.LLAMA;
    return bare && !form.tools().isEmpty() && form.otherwise() == Otherwise.TEXT;
  }

  private void say(String text) {
    String said = skipsBlanks ? text.stripLeading() : text;
    if (said.isBlank() && mode == Mode.TEXT && !textBegun) {
      blanks.append(said);
      return;
    }
    if (said.isEmpty()) {
      return;
    }
    skipsBlanks = false;
    if (mode == Mode.THOUGHT) {
      parts.add(new AnswerPart.Reasoning(said));
    } else {
      textBegun = true;
      parts.add(new AnswerPart.Text(said));
    }
  }

  private void open(String marker) {
    switch (marker) {
      case THINK -> enter(Mode.THOUGHT);
      case END_THINK -> enter(Mode.TEXT);
      case MISTRAL -> mode = Mode.BETWEEN;
      default -> begin(Set.of(), marker);
    }
  }

  private void enter(Mode next) {
    mode = next;
    skipsBlanks = true;
    search = new StopText(markers());
  }

  private void begin(Set<String> known, String before) {
    mode = Mode.CALL;
    named = false;
    opened = before;
    scanner = new CallScanner(calls, known, parts::add);
  }

  private String call(String piece) {
    CallScanner now = Objects.requireNonNull(scanner);
    for (int i = 0; i < piece.length(); i++) {
      now.push(piece.charAt(i));
      if (named && now.valueEnded()) {
        now.push('}');
      }
      if (now.done()) {
        calls++;
        mode = Mode.BETWEEN;
        return piece.substring(i + 1);
      }
      if (now.noCall()) {
        toText(opened + now.raw());
        return piece.substring(i + 1);
      }
    }
    return "";
  }

  /** What was taken for something else is text, and text follows. */
  private void toText(String text) {
    mode = Mode.TEXT;
    textBegun = true;
    skipsBlanks = false;
    search = new StopText(markers());
    say(text);
  }

  /** Before the first call of several, and after each. */
  private String between(String piece) {
    between.append(piece);
    String text = between.toString().stripLeading();
    between.setLength(0);
    if (text.isEmpty()) {
      return "";
    }
    for (String separator : SEPARATORS) {
      if (text.startsWith(separator)) {
        if (separator.equals(TAG) || separator.equals(PYTHON)) {
          begin(Set.of(), separator);
        }
        return text.substring(separator.length());
      }
      if (separator.startsWith(text)) {
        between.append(text);
        return "";
      }
    }
    if (text.charAt(0) == '{') {
      begin(form.calls() == Calls.BARE ? form.tools() : Set.of(), "");
      return text;
    }
    if (form.calls() == Calls.MISTRAL) {
      Matcher call = NAMED.matcher(text);
      if (call.lookingAt()) {
        begin(Set.of(), call.group(1));
        named = true;
        for (char c : ("{\"name\":\"" + call.group(1) + "\",\"arguments\":").toCharArray()) {
          Objects.requireNonNull(scanner).push(c);
        }
        return text.substring(call.end());
      }
      if (call.hitEnd() && text.length() <= LONGEST_NAME) {
        between.append(text);
        return "";
      }
    }
    toText(text);
    return "";
  }

  /**
   * There is no more of the answer.
   *
   * @return what was held back; a call that broke off stays as it is
   */
  public List<AnswerPart> finish() {
    CallScanner now = scanner;
    if (mode == Mode.CALL && now != null && !now.begun()) {
      toText(opened + now.raw());
    } else if (mode == Mode.BETWEEN && !between.isEmpty()) {
      toText(between.toString());
    }
    if (mode == Mode.TEXT || mode == Mode.THOUGHT) {
      String last = search.finish();
      textBegun |= !blanks.isEmpty();
      say(blanks + last);
    }
    return taken();
  }
}
