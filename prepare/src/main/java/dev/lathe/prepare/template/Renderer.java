package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Stmt.Target;
import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Loop;
import dev.lathe.prepare.template.Value.MacroValue;
import dev.lathe.prepare.template.Value.Namespace;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Carries statements out, once. */
final class Renderer {
  /** How a list of statements ended. */
  private enum End {
    NORMAL,
    BREAK,
    CONTINUE
  }

  private final Budget budget = new Budget();
  private final Evaluator evaluator = new Evaluator(budget);
  private int line = 1;

  /** The line of the statement that is carried out. */
  int line() {
    return line;
  }

  String render(List<Stmt> body, Scope scope) {
    StringBuilder out = new StringBuilder();
    all(body, scope, out);
    return out.toString();
  }

  private End all(List<Stmt> body, Scope scope, StringBuilder out) {
    for (Stmt stmt : body) {
      budget.step();
      End end = one(stmt, scope, out);
      if (end != End.NORMAL) {
        return end;
      }
    }
    return End.NORMAL;
  }

  private End one(Stmt stmt, Scope scope, StringBuilder out) {
    switch (stmt) {
      case Stmt.Text text -> write(text.text(), out);
      case Stmt.Output output -> write(Texts.str(eval(output.value(), output.line(), scope)), out);
      case Stmt.If branches -> {
        return branch(branches, scope, out);
      }
      case Stmt.For loop -> {
        Object items = eval(loop.items(), loop.line(), scope);
        loop(loop, new Level(items, 0), scope, out);
      }
      case Stmt.Set set -> assign(set.target(), eval(set.value(), set.line(), scope), scope);
      case Stmt.SetBlock set -> {
        String text = inner(set.body(), new Scope(scope));
        assign(set.target(), filtered(set.filters(), text, scope), scope);
      }
      case Stmt.Macro macro -> {
        Function function = function(macro.name(), macro.signature(), macro.body(), scope);
        scope.set(macro.name(), new MacroValue(function));
      }
      case Stmt.Call call -> write(Texts.str(call(call, scope)), out);
      case Stmt.FilterBlock block -> {
        String text = inner(block.body(), new Scope(scope));
        line = block.line();
        write(Texts.str(filtered(block.filters(), text, scope)), out);
      }
      case Stmt.With with -> {
        Scope inside = new Scope(scope);
        for (int i = 0; i < with.targets().size(); i++) {
          assign(with.targets().get(i), eval(with.values().get(i), with.line(), scope), inside);
        }
        return all(with.body(), inside, out);
      }
      case Stmt.Scoped scoped -> write(inner(scoped.body(), new Scope(scope)), out);
      case Stmt.Break stop -> {
        return End.BREAK;
      }
      case Stmt.Continue next -> {
        return End.CONTINUE;
      }
    }
    return End.NORMAL;
  }

  private @Nullable Object eval(Expr expr, int at, Scope scope) {
    line = at;
    return evaluator.eval(expr, scope);
  }

  private void write(String text, StringBuilder out) {
    budget.size(text.length());
    if (out.length() + text.length() > Budget.LARGEST) {
      throw new Fault("an output of more than " + Budget.LARGEST + " characters");
    }
    out.append(text);
  }

  private String inner(List<Stmt> body, Scope scope) {
    StringBuilder text = new StringBuilder();
    all(body, scope, text);
    return text.toString();
  }

  private @Nullable Object filtered(List<Expr.Filter> filters, String text, Scope scope) {
    Object value = text;
    for (Expr.Filter filter : filters) {
      value = evaluator.filter(filter, value, scope);
    }
    return value;
  }

  private End branch(Stmt.If branches, Scope scope, StringBuilder out) {
    for (Stmt.Branch branch : branches.branches()) {
      if (Items.truth(eval(branch.test(), branch.line(), scope))) {
        return all(branch.body(), scope, out);
      }
    }
    return all(branches.otherwise(), scope, out);
  }

  /** What a loop goes through, and in how many loops of its own kind it is. */
  private record Level(@Nullable Object items, int depth) {}

  private void loop(Stmt.For loop, Level level, Scope scope, StringBuilder out) {
    int depth = level.depth();
    List<@Nullable Object> items = Items.list(level.items());
    budget.steps(items.size());
    if (loop.test() != null) {
      List<@Nullable Object> kept = new ArrayList<>();
      for (Object item : items) {
        Scope tested = new Scope(scope);
        assign(loop.target(), item, tested);
        if (Items.truth(eval(loop.test(), loop.line(), tested))) {
          kept.add(item);
        }
      }
      items = kept;
    }
    if (items.isEmpty()) {
      all(loop.body().otherwise(), new Scope(scope), out);
      return;
    }
    Value.Called recursion = loop.body().recursive() ? deeper(loop, scope, depth) : null;
    Loop state = new Loop(items, depth, recursion);
    for (int i = 0; i < items.size(); i++) {
      state.at(i);
      Scope inside = new Scope(scope);
      inside.set("loop", state);
      assign(loop.target(), items.get(i), inside);
      if (all(loop.body().body(), inside, out) == End.BREAK) {
        return;
      }
    }
  }

  private Value.Called deeper(Stmt.For loop, Scope scope, int depth) {
    return args -> {
      StringBuilder text = new StringBuilder();
      Object items = args.bind("iterable").need("iterable");
      loop(loop, new Level(items, depth + 1), scope, text);
      return text.toString();
    };
  }

  private void assign(Target target, @Nullable Object value, Scope scope) {
    switch (target) {
      case Stmt.ToName name -> scope.set(name.name(), value);
      case Stmt.ToAttribute attribute -> {
        if (!(scope.get(attribute.namespace()) instanceof Namespace namespace)) {
          throw new Fault("cannot assign attribute on non-namespace object");
        }
        namespace.values().put(attribute.attribute(), value);
      }
      case Stmt.ToAll all -> {
        List<@Nullable Object> values = Items.list(value);
        if (values.size() != all.targets().size()) {
          throw new Fault(
              "cannot unpack "
                  + values.size()
                  + " values (expected: "
                  + all.targets().size()
                  + ")");
        }
        for (int i = 0; i < values.size(); i++) {
          assign(all.targets().get(i), values.get(i), scope);
        }
      }
    }
  }

  private Function function(String name, Stmt.Signature signature, List<Stmt> body, Scope around) {
    return new Function(name, args -> inner(body, bound(signature, args, around)));
  }

  /** The scope of a macro's body: what it takes, and its defaults. */
  private Scope bound(Stmt.Signature signature, Args args, Scope around) {
    Scope scope = new Scope(around);
    List<String> names = signature.names();
    Map<String, @Nullable Object> named = new LinkedHashMap<>(args.named());
    int first = names.size() - signature.defaults().size();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (i < args.values().size()) {
        scope.set(name, args.values().get(i));
      } else if (named.containsKey(name)) {
        scope.set(name, named.remove(name));
      } else if (i >= first) {
        scope.set(name, evaluator.eval(signature.defaults().get(i - first), scope));
      } else {
        scope.set(name, new Undefined("parameter '" + name + "' was not provided"));
      }
    }
    if (!names.contains("caller")) {
      scope.set("caller", named.containsKey("caller") ? named.remove("caller") : noCaller());
    }
    int taken = Math.min(names.size(), args.values().size());
    scope.set("varargs", new Tuple(args.values().subList(taken, args.values().size())));
    scope.set("kwargs", named);
    return scope;
  }

  private static Undefined noCaller() {
    return new Undefined("No caller defined");
  }

  private @Nullable Object call(Stmt.Call call, Scope scope) {
    line = call.line();
    Function caller = function("caller", call.signature(), call.body(), scope);
    Args args = evaluator.args(call.call().passed(), scope);
    Map<String, @Nullable Object> named = new LinkedHashMap<>(args.named());
    named.put("caller", new MacroValue(caller));
    Object function = evaluator.eval(call.call().function(), scope);
    return evaluator.call(function, new Args(args.values(), named));
  }
}
