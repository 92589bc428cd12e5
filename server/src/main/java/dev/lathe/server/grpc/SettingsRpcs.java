package dev.lathe.server.grpc;

import dev.lathe.ir.LatheException;
import dev.lathe.server.Right;
import dev.lathe.server.ServerError;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.grpc.wire.WireWriter;
import dev.lathe.server.infer.Inference;
import dev.lathe.server.observe.LogSettings;
import dev.lathe.server.observe.TraceSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is traced and logged, to see and to change. */
final class SettingsRpcs {
  private static final int MOST = 64;

  private final TraceSettings traces;
  private final LogSettings logs;

  /**
   * Settings to see and to change.
   *
   * @param traces what is traced
   * @param logs what is logged
   */
  SettingsRpcs(TraceSettings traces, LogSettings logs) {
    this.traces = traces;
    this.logs = logs;
  }

  /** All of them. */
  List<Rpc> all() {
    return List.of(
        GrpcDoor.unary("TraceSetting", Right.ADMIN, 2, this::trace),
        GrpcDoor.unary("LogSettings", Right.ADMIN, 0, this::log));
  }

  private WireWriter trace(RpcCall.Admitted call, Message message) {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    String model = "";
    WireReader fields = message.reader();
    while (fields.next()) {
      switch (fields.field()) {
        case 1 -> addTrace(changes, fields.message());
        case 2 -> model = fields.text();
        default -> {}
      }
    }
    String whose = model.isEmpty() ? "" : Inference.name(model).toString();
    Map<String, List<String>> now =
        changes.isEmpty() ? traces.values(whose) : traces.change(whose, changes);
    WireWriter answer = new WireWriter();
    now.forEach(
        (name, values) ->
            answer.message(
                1,
                entry -> {
                  WireWriter value = new WireWriter();
                  values.forEach(text -> value.textOf(1, text));
                  entry.text(1, name).message(2, value);
                }));
    return answer;
  }

  private static void addTrace(Map<String, List<String>> changes, WireReader entry) {
    String name = "";
    List<String> values = new ArrayList<>();
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> name = entry.text();
        case 2 -> {
          WireReader value = entry.message();
          while (value.next()) {
            if (value.field() == 1) {
              values.add(value.text());
            }
            requireFew(values.size());
          }
        }
        default -> {}
      }
    }
    changes.put(name, values);
    requireFew(changes.size());
  }

  private WireWriter log(RpcCall.Admitted call, Message message) {
    Map<String, Object> changes = new LinkedHashMap<>();
    WireReader fields = message.reader();
    while (fields.next()) {
      if (fields.field() == 1) {
        addLog(changes, fields.message());
      }
    }
    Map<String, Object> now = changes.isEmpty() ? logs.values() : logs.change(changes);
    WireWriter answer = new WireWriter();
    now.forEach(
        (name, value) ->
            answer.message(1, entry -> entry.text(1, name).message(2, setting(value))));
    return answer;
  }

  private static void addLog(Map<String, Object> changes, WireReader entry) {
    String name = "";
    Object value = "";
    while (entry.next()) {
      switch (entry.field()) {
        case 1 -> name = entry.text();
        case 2 -> {
          WireReader choice = entry.message();
          while (choice.next()) {
            value =
                switch (choice.field()) {
                  case 1 -> choice.flag();
                  case 2 -> (int) choice.number();
                  case 3 -> choice.text();
                  default -> value;
                };
          }
        }
        default -> {}
      }
    }
    changes.put(name, value);
    requireFew(changes.size());
  }

  private static WireWriter setting(Object value) {
    return switch (value) {
      case Boolean flag -> new WireWriter().numberOf(1, flag ? 1 : 0);
      case Number number -> new WireWriter().numberOf(2, number.longValue());
      default -> new WireWriter().textOf(3, value.toString());
    };
  }

  private static void requireFew(int count) {
    if (count > MOST) {
      throw new LatheException(ServerError.BAD_REQUEST, "more than " + MOST + " settings");
    }
  }
}
