package dev.lathe.prepare.template;

import dev.lathe.prepare.template.Value.Called;
import dev.lathe.prepare.template.Value.Function;
import dev.lathe.prepare.template.Value.Loop;
import dev.lathe.prepare.template.Value.MacroValue;
import dev.lathe.prepare.template.Value.Missing;
import dev.lathe.prepare.template.Value.Tuple;
import dev.lathe.prepare.template.Value.Undefined;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What expressions are worth. */
final class Evaluator {
  final Budget budget;
  private final Numbers numbers;
  private final Filters filters = new Filters(this);

  Evaluator(Budget budget) {
    this.budget = budget;
    this.numbers = new Numbers(budget);
  }

  @Nullable Object eval(Expr expr, Scope scope) {
    budget.step();
    return switch (expr) {
      case Expr.Constant constant -> constant.value();
      case Expr.Name name -> scope.get(name.name());
      case Expr.ListOf list -> all(list.items(), scope);
      case Expr.TupleOf tuple -> new Tuple(all(tuple.items(), scope));
      case Expr.DictOf dict -> dict(dict, scope);
      case Expr.Attribute attribute ->
          Items.attribute(eval(attribute.of(), scope), attribute.name());
      case Expr.Item item -> item(item, scope);
      case Expr.Slice slice -> throw new Fault("a slice outside of brackets");
      case Expr.CallOf call -> call(eval(call.function(), scope), args(call.passed(), scope));
      case Expr.Filter filter -> {
        Object value = filter.value() == null ? Missing.VALUE : eval(filter.value(), scope);
        yield filter(filter, value, scope);
      }
      case Expr.Test test ->
          Tests.apply(test.name(), eval(test.value(), scope), args(test.passed(), scope));
      case Expr.Unary unary -> unary(unary.sign(), eval(unary.value(), scope));
      case Expr.Binary binary ->
          numbers.apply(binary.sign(), eval(binary.left(), scope), eval(binary.right(), scope));
      case Expr.Both both -> {
        Object left = eval(both.left(), scope);
        yield Items.truth(left) ? eval(both.right(), scope) : left;
      }
      case Expr.Either either -> {
        Object left = eval(either.left(), scope);
        yield Items.truth(left) ? left : eval(either.right(), scope);
      }
      case Expr.Joined joined -> joined(joined.parts(), scope);
      case Expr.Compared compared -> compared(compared, scope);
      case Expr.Choice choice -> {
        if (Items.truth(eval(choice.test(), scope))) {
          yield eval(choice.then(), scope);
        }
        yield choice.otherwise() == null
            ? new Undefined("the inline if-expression evaluated to false and no else was defined")
            : eval(choice.otherwise(), scope);
      }
    };
  }

  private List<@Nullable Object> all(List<Expr> items, Scope scope) {
    List<@Nullable Object> values = new ArrayList<>();
    for (Expr item : items) {
      values.add(eval(item, scope));
    }
    return values;
  }

  private Object dict(Expr.DictOf dict, Scope scope) {
    Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = 0; i < dict.keys().size(); i++) {
      Object key = eval(dict.keys().get(i), scope);
      Items.key(key);
      map.put(key, eval(dict.values().get(i), scope));
    }
    return map;
  }

  private @Nullable Object item(Expr.Item item, Scope scope) {
    Object of = eval(item.of(), scope);
    if (item.key() instanceof Expr.Slice slice) {
      Object sliced =
          Items.slice(
              of,
              new @Nullable Object[] {
                bound(slice.start(), scope), bound(slice.stop(), scope), bound(slice.step(), scope)
              });
      budget.size(Items.length(sliced).orElse(0L));
      return sliced;
    }
    return Items.item(of, eval(item.key(), scope));
  }

  private @Nullable Object bound(@Nullable Expr bound, Scope scope) {
    return bound == null ? null : eval(bound, scope);
  }

  private @Nullable Object unary(String sign, @Nullable Object value) {
    return switch (sign) {
      case "not" -> !Items.truth(value);
      case "-" -> numbers.negative(value);
      default -> numbers.positive(value);
    };
  }

  private String joined(List<Expr> parts, Scope scope) {
    StringBuilder text = new StringBuilder();
    for (Expr part : parts) {
      text.append(Texts.str(eval(part, scope)));
      budget.size(text.length());
    }
    return text.toString();
  }

  private Object compared(Expr.Compared compared, Scope scope) {
    Object left = eval(compared.first(), scope);
    for (int i = 0; i < compared.signs().size(); i++) {
      Object right = eval(compared.others().get(i), scope);
      if (!Order.compared(compared.signs().get(i), left, right)) {
        return false;
      }
      left = right;
    }
    return true;
  }

  /** A filter on a value. */
  @Nullable Object filter(Expr.Filter filter, @Nullable Object value, Scope scope) {
    return filters.apply(filter.name(), value, args(filter.passed(), scope));
  }

  Args args(Expr.Passed passed, Scope scope) {
    if (passed == Expr.Passed.NOTHING) {
      return Args.NONE;
    }
    List<@Nullable Object> values = all(passed.values(), scope);
    if (passed.spread() != null) {
      values.addAll(Items.list(eval(passed.spread(), scope)));
    }
    Map<String, @Nullable Object> named = new LinkedHashMap<>();
    for (int i = 0; i < passed.names().size(); i++) {
      named.put(passed.names().get(i), eval(passed.named().get(i), scope));
    }
    if (passed.spreadNamed() != null) {
      if (!(eval(passed.spreadNamed(), scope) instanceof Map<?, ?> more)) {
        throw new Fault("argument after ** must be a mapping");
      }
      more.forEach((key, value) -> named.put(Texts.str(key), value));
    }
    return new Args(values, named);
  }

  @Nullable Object call(@Nullable Object function, Args args) {
    Called called =
        switch (function) {
          case Function known -> known.called();
          case MacroValue macro -> macro.function().called();
          case Loop loop when loop.recursion != null -> loop.recursion;
          case Loop loop ->
              throw new Fault(
                  "The loop must have the 'recursive' marker to be called recursively.");
          case Undefined undefined -> throw undefined.fault();
          case null, default ->
              throw new Fault("'" + Texts.type(function) + "' object is not callable");
        };
    budget.enter();
    Object value = called.call(args);
    budget.leave();
    if (value instanceof String text) {
      budget.size(text.length());
    }
    return value;
  }
}
