package dev.lathe.prepare.template;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Names and their values; a name that is not here may be in the scope around. */
final class Scope {
  private final @Nullable Scope around;
  private final Map<String, @Nullable Object> names = new HashMap<>();

  Scope(@Nullable Scope around) {
    this.around = around;
  }

  void set(String name, @Nullable Object value) {
    names.put(name, value);
  }

  @Nullable Object get(String name) {
    for (Scope scope = this; scope != null; scope = scope.around) {
      if (scope.names.containsKey(name)) {
        return scope.names.get(name);
      }
    }
    return new Value.Undefined("'" + name + "' is undefined");
  }
}
