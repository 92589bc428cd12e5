package dev.lathe.server.observe;

import dev.lathe.serve.InferResponse;
import dev.lathe.serve.ModelVersion;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** An answered request in a recording of JDK Flight Recorder; free where nothing is recorded. */
@Name("dev.lathe.Inference")
@Label("Inference")
@Category("Lathe")
@Description("A request that a model answered")
@StackTrace(false)
final class InferenceEvent extends Event {
  @Label("Model")
  String model = "";

  @Label("Version")
  String version = "";

  @Label("Request id")
  String request = "";

  @Label("Time in the queue")
  @Timespan(Timespan.NANOSECONDS)
  long queue;

  @Label("Time of the run")
  @Timespan(Timespan.NANOSECONDS)
  long compute;

  @Label("Requests of the run")
  int requests;

  @Label("Rows of the run")
  long rows;

  /** Writes down an answer, if anybody records. */
  static void answered(ModelVersion version, InferResponse.Timing timing) {
    InferenceEvent event = new InferenceEvent();
    if (event.isEnabled()) {
      event.model = version.model().toString();
      event.version = version.version();
      event.request = Observed.current().id();
      event.queue = timing.queueNanos();
      event.compute = timing.computeNanos();
      event.requests = timing.requests();
      event.rows = timing.rows();
      event.commit();
    }
  }
}
