package dev.lathe.server.observe;

import dev.lathe.serve.ModelVersion;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A canary that was taken out by itself, in a JDK flight recording. */
@Name("dev.lathe.Rollback")
@Label("Rollback")
@Category("Lathe")
@Description("A canary turned bad and was taken out of its environment")
@StackTrace(false)
final class RollbackEvent extends Event {
  @Label("Model")
  String model = "";

  @Label("Version")
  String version = "";

  @Label("Environment")
  String environment = "";

  @Label("Reason")
  String reason = "";

  static void happened(ModelVersion canary, String where, String why) {
    RollbackEvent event = new RollbackEvent();
    if (event.isEnabled()) {
      event.model = canary.model().toString();
      event.version = canary.version();
      event.environment = where;
      event.reason = why;
      event.commit();
    }
  }
}
