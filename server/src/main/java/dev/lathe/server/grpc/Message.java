package dev.lathe.server.grpc;

import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import dev.lathe.server.grpc.wire.WireReader;
import dev.lathe.server.infer.SegmentPool;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A message that came whole, in off-heap memory that is used again after {@link #release}. Tensors
 * may be views of it, and of memory that is {@link #take taken} for them.
 */
final class Message {
  private final SegmentPool pool;
  private final MemorySegment content;
  private final List<MemorySegment> owned = new ArrayList<>(2);
  private final Runnable onRelease;
  private boolean ended;

  /** The first bytes of a segment, which the message owns from now on. */
  Message(SegmentPool pool, MemorySegment owner, MemorySegment content, Runnable onRelease) {
    this.pool = pool;
    this.content = content;
    this.onRelease = onRelease;
    owned.add(owner);
  }

  /** The message's bytes. */
  MemorySegment content() {
    return content;
  }

  /** A reader before the first field. */
  WireReader reader() {
    return new WireReader(content);
  }

  /** Memory that lives as long as the message; its content is undefined. */
  MemorySegment take(long bytes) {
    MemorySegment segment = pool.take(bytes);
    owned.add(segment);
    return segment.asSlice(0, bytes);
  }

  /** Gives the memory back; nobody may read it any more. The first end counts. */
  void release() {
    end(true);
  }

  /** Forgets the memory if somebody may still read it, as after a deadline; else gives it back. */
  void releaseAfter(Throwable failure) {
    end(!(failure instanceof LatheException known) || known.kind() != ErrorKind.CANCELLED);
  }

  private void end(boolean reusable) {
    if (ended) {
      return;
    }
    ended = true;
    if (reusable) {
      owned.forEach(pool::give);
    }
    owned.clear();
    onRelease.run();
  }
}
