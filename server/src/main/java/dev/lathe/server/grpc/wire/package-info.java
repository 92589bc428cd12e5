/**
 * The wire format of Protocol Buffers: bytes to fields and back, over off-heap memory.
 *
 * <p>Start at {@link dev.lathe.server.grpc.wire.WireReader}. What the fields mean is not known here
 * but to those who read and write messages ({@code dev.lathe.server.grpc}).
 *
 * @see <a href="https://protobuf.dev/programming-guides/encoding/">Protocol Buffers encoding</a>
 */
@NullMarked
package dev.lathe.server.grpc.wire;

import org.jspecify.annotations.NullMarked;
