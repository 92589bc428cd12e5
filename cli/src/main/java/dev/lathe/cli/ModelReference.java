package dev.lathe.cli;

import dev.lathe.server.Lathe;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/**
 * A model, perhaps one version of it, as people type it: {@code demo/digits}, {@code
 * demo/digits@v1}, {@code demo/digits@prod}.
 *
 * @param model {@code namespace/name}
 * @param version what stands behind the at sign, or empty
 */
record ModelReference(String model, String version) {
  static ModelReference parse(String text) {
    int at = text.indexOf('@');
    String model = at < 0 ? text : text.substring(0, at);
    String version = at < 0 ? "" : text.substring(at + 1);
    if (!model.matches("[^/\\s]+/[^/\\s]+") || (at >= 0 && version.isBlank())) {
      throw new TypeConversionException(
          "\"" + text + "\" (expected: NAMESPACE/NAME or NAMESPACE/NAME@VERSION)");
    }
    return new ModelReference(model, version);
  }

  /** The version, or another where none was given. */
  String versionOr(String other) {
    return version.isEmpty() ? other : version;
  }

  /** The version, or what is live in prod, or the newest. */
  String chosen(Lathe lathe) {
    if (!version.isEmpty()) {
      return version;
    }
    return lathe.deployments(model).stream()
        .filter(live -> live.environment().equals("prod"))
        .map(live -> live.version())
        .findFirst()
        .orElse("latest");
  }

  /** Refuses a version where only the model counts. */
  void requireNoVersion(CommandSpec verb) {
    if (!version.isEmpty()) {
      throw new ParameterException(
          verb.commandLine(),
          "\"" + model + "@" + version + "\" (expected: a model without a version, " + model + ")");
    }
  }

  /** Makes references of what was typed. */
  static final class Converter implements ITypeConverter<ModelReference> {
    @Override
    public ModelReference convert(String text) {
      return parse(text);
    }
  }
}
