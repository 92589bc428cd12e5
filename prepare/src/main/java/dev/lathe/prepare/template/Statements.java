package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Stmt.Target;
import dev.lathe.prepare.template.Word.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Reads statements. */
final class Statements {
  private final Words words;
  private final Expressions expressions;

  private Statements(Words words) {
    this.words = words;
    this.expressions = new Expressions(words);
  }

  static List<Stmt> of(String source) {
    Statements statements = new Statements(new Words(Lexer.words(source)));
    return statements.until(Set.of());
  }

  /** Up to a tag of one of these names, whose name is the next word; or up to the end. */
  private List<Stmt> until(Set<String> ends) {
    words.enter();
    List<Stmt> body = new ArrayList<>();
    while (words.now().kind() != Kind.END) {
      switch (words.now().kind()) {
        case DATA -> body.add(new Stmt.Text(words.take().text()));
        case OPEN_OUTPUT -> {
          int line = words.take().line();
          body.add(new Stmt.Output(expressions.tuple(false, false), line));
          words.expect(Kind.CLOSE_OUTPUT);
        }
        default -> {
          words.expect(Kind.OPEN_BLOCK);
          if (words.now().kind() == Kind.NAME && ends.contains(words.now().text())) {
            words.leave();
            return body;
          }
          body.add(statement());
          words.expect(Kind.CLOSE_BLOCK);
        }
      }
    }
    if (!ends.isEmpty()) {
      throw words.unexpected("one of " + String.join(", ", ends.stream().sorted().toList()));
    }
    words.leave();
    return body;
  }

  /** The body of a block, from the end of its first tag. */
  private List<Stmt> body(Set<String> ends) {
    words.skip(":");
    words.expect(Kind.CLOSE_BLOCK);
    return until(ends);
  }

  private List<Stmt> bodyTo(String end) {
    List<Stmt> body = body(Set.of(end));
    words.take();
    return body;
  }

  private Stmt statement() {
    Word tag = words.expect(Kind.NAME);
    int line = tag.line();
    return switch (tag.text()) {
      case "if" -> branches(line);
      case "for" -> loop(line);
      case "set" -> set(line);
      case "macro" -> {
        String name = words.expect(Kind.NAME).text();
        Stmt.Signature signature = signature();
        yield new Stmt.Macro(name, signature, bodyTo("endmacro"));
      }
      case "call" -> {
        Stmt.Signature signature = words.now().is("(") ? signature() : Stmt.Signature.NONE;
        if (!(expressions.expression() instanceof Expr.CallOf call)) {
          throw words.unexpected("a call");
        }
        yield new Stmt.Call(signature, call, bodyTo("endcall"), line);
      }
      case "filter" -> {
        List<Expr.Filter> filters = new ArrayList<>(List.of(expressions.filter(null)));
        filters.addAll(filters());
        yield new Stmt.FilterBlock(filters, bodyTo("endfilter"), line);
      }
      case "with" -> with(line);
      case "generation" -> new Stmt.Scoped(bodyTo("endgeneration"));
      case "print" -> new Stmt.Output(expressions.tuple(false, false), line);
      case "break" -> new Stmt.Break();
      case "continue" -> new Stmt.Continue();
      default ->
          throw new Fault(
              "line " + line + ": tag '" + tag.text() + "' is not supported in chat templates");
    };
  }

  private Stmt branches(int first) {
    List<Stmt.Branch> branches = new ArrayList<>();
    int line = first;
    while (true) {
      Expr test = expressions.tuple(false, true);
      branches.add(new Stmt.Branch(test, body(Set.of("elif", "else", "endif")), line));
      Word tag = words.take();
      line = tag.line();
      if (tag.named("else")) {
        return new Stmt.If(branches, bodyTo("endif"));
      }
      if (tag.named("endif")) {
        return new Stmt.If(branches, List.of());
      }
    }
  }

  private Stmt loop(int line) {
    Target target = targets();
    if (!words.skipName("in")) {
      throw words.unexpected("'in'");
    }
    Expr items = expressions.tuple(false, true);
    Expr test = words.skipName("if") ? expressions.expression() : null;
    boolean recursive = words.skipName("recursive");
    List<Stmt> body = body(Set.of("endfor", "else"));
    List<Stmt> otherwise = words.take().named("else") ? bodyTo("endfor") : List.of();
    return new Stmt.For(target, items, test, new Stmt.Body(body, otherwise, recursive), line);
  }

  private Stmt set(int line) {
    Target target = targets();
    if (words.skip("=")) {
      return new Stmt.Set(target, expressions.tuple(false, false), line);
    }
    return new Stmt.SetBlock(target, filters(), bodyTo("endset"), line);
  }

  private List<Expr.Filter> filters() {
    List<Expr.Filter> filters = new ArrayList<>();
    while (words.skip("|")) {
      filters.add(expressions.filter(null));
    }
    return filters;
  }

  private Stmt with(int line) {
    List<Target> targets = new ArrayList<>();
    List<Expr> values = new ArrayList<>();
    while (words.now().kind() == Kind.NAME) {
      targets.add(target());
      words.expect("=");
      values.add(expressions.expression());
      if (!words.skip(",")) {
        break;
      }
    }
    return new Stmt.With(targets, values, bodyTo("endwith"), line);
  }

  private Stmt.Signature signature() {
    words.expect("(");
    List<String> names = new ArrayList<>();
    List<Expr> defaults = new ArrayList<>();
    while (!words.skip(")")) {
      names.add(words.expect(Kind.NAME).text());
      if (words.skip("=")) {
        defaults.add(expressions.expression());
      } else if (!defaults.isEmpty()) {
        throw words.unexpected("a default");
      }
      if (!words.now().is(")")) {
        words.expect(",");
      }
    }
    return new Stmt.Signature(names, defaults);
  }

  private Target targets() {
    List<Target> all = new ArrayList<>();
    boolean several = false;
    do {
      if (words.now().kind() != Kind.NAME && !words.now().is("(")) {
        break;
      }
      if (!all.isEmpty() && words.now().named("in")) {
        break;
      }
      all.add(target());
      several |= words.now().is(",");
    } while (words.skip(","));
    if (all.isEmpty()) {
      throw words.unexpected("a name");
    }
    return several ? new Stmt.ToAll(all) : all.getFirst();
  }

  private Target target() {
    if (words.skip("(")) {
      words.enter();
      Target inner = targets();
      words.expect(")");
      words.leave();
      return inner instanceof Stmt.ToAll ? inner : new Stmt.ToAll(List.of(inner));
    }
    String name = words.expect(Kind.NAME).text();
    if (words.skip(".")) {
      return new Stmt.ToAttribute(name, words.expect(Kind.NAME).text());
    }
    return new Stmt.ToName(name);
  }
}
