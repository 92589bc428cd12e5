package dev.lathe.generate.constrain;

import org.jspecify.annotations.Nullable;

/** A form with a name, which may mention itself. */
final class Rule {
  private final String name;
  private @Nullable Form form;

  Rule(String name) {
    this.name = name;
  }

  static Rule of(String name, Form form) {
    Rule rule = new Rule(name);
    rule.define(form);
    return rule;
  }

  void define(Form said) {
    form = said;
  }

  Form form() {
    if (form == null) {
      throw new IllegalStateException("rule " + name + " has no form");
    }
    return form;
  }

  String name() {
    return name;
  }
}
