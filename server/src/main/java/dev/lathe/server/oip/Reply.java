package dev.lathe.server.oip;

import dev.lathe.ir.Tensor;
import dev.lathe.server.infer.Answer;
import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.ServerRequestHeaders;
import io.helidon.webserver.http.ServerResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * Sends an answer: as JSON, or as JSON with binary tensors after it, packed where the client asks
 * for that.
 *
 * @param response where to
 * @param packing how it is packed
 */
record Reply(ServerResponse response, Packing packing) {
  static final HeaderName JSON_LENGTH = HeaderNames.create("Inference-Header-Content-Length");

  /** A body up to this size is sent in one piece. */
  private static final int WHOLE = 256 << 10;

  /** The reply to a request. */
  static Reply to(ServerRequestHeaders headers, ServerResponse response) {
    return new Reply(response, Packing.asked(headers));
  }

  void send(InferBody request, Answer answer) {
    if (answer.outputs().keySet().stream().anyMatch(request.wanted()::isBinary)) {
      binary(request, answer);
    } else {
      json(request, answer);
    }
  }

  private void json(InferBody request, Answer answer) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    boolean packed = packing != Packing.NONE;
    JsonOut out = packed ? new JsonOut() : new JsonOut(response::outputStream);
    AnswerWriter.write(out, request, answer);
    byte[] whole = out.finish();
    if (!out.streamed()) {
      response.send(packing.pack(response, whole));
    }
  }

  private void binary(InferBody request, Answer answer) {
    JsonOut out = new JsonOut();
    AnswerWriter.write(out, request, answer);
    byte[] head = out.finish();
    long length = head.length;
    for (var output : answer.outputs().entrySet()) {
      length +=
          request.wanted().isBinary(output.getKey()) ? BinaryAnswer.bytes(output.getValue()) : 0;
    }
    response.header(HeaderValues.CONTENT_TYPE_OCTET_STREAM);
    response.header(JSON_LENGTH, Integer.toString(head.length));
    try {
      if (length <= WHOLE || packing != Packing.NONE) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream((int) Math.min(length, 1 << 30));
        write(whole, head, request, answer);
        response.send(packing.pack(response, whole.toByteArray()));
        return;
      }
      response.header(HeaderNames.CONTENT_LENGTH, Long.toString(length));
      try (OutputStream stream = response.outputStream()) {
        write(stream, head, request, answer);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(OutputStream to, byte[] head, InferBody request, Answer answer)
      throws IOException {
    to.write(head);
    for (var output : answer.outputs().entrySet()) {
      if (request.wanted().isBinary(output.getKey())) {
        Tensor tensor = output.getValue();
        BinaryAnswer.write(to, tensor);
      }
    }
  }
}
