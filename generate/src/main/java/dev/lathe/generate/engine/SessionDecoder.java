package dev.lathe.generate.engine;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.TextOptions.Arena;
import dev.lathe.ir.ElementType;
import dev.lathe.ir.LatheException;
import dev.lathe.runtime.Binding;
import dev.lathe.runtime.HostBuffer;
import dev.lathe.runtime.Session;
import dev.lathe.transform.AdapterSlots;
import dev.lathe.transform.CachedDecoder;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoder in cached form over a session. The cache is two buffers for each layer and arena,
 * [rows, G, C, D], of which each run is shown the rows it works on, in place. Buffers are tied to
 * the session once for each shape of a run; the shapes used last stay tied.
 */
public final class SessionDecoder implements Decoder {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final int MOST_TIED = 256;

  /** What a run may want besides the rows of an arena: enough for guesses and for prompts told. */
  private static final int LEAST_SCORED = 32;

  private Equipment equipment;
  private final long weightBytes;
  private final CachedDecoder form;
  private final List<Arena> arenas;
  private final int mostScored;
  private final KeyValues cache;
  private final HostBuffer tokens;
  private final HostBuffer positions;
  private final HostBuffer lengths;
  private final HostBuffer adapters;
  private final HostBuffer total = HostBuffer.allocate(ElementType.INT32);
  private final HostBuffer wanted;
  private final HostBuffer logits;
  private final LinkedHashMap<Shape, Binding> tied = new LinkedHashMap<>(64, 0.75f, true);

  private final Object changing = new Object();
  private @Nullable Equipment next;
  private long beside;
  private volatile Runnable onChange = () -> {};
  private volatile Runnable onResized = () -> {};
  private boolean closed;

  private record Shape(int arena, int first, int rows, int width, int wanted) {}

  /**
   * How large a cache is, and a run.
   *
   * @param arenas the rows
   * @param prefixBytes what beginnings outside the rows may take of the memory; as much as the rows
   *     at most
   * @param chunk the most tokens of a run
   */
  public record Size(List<Arena> arenas, long prefixBytes, int chunk) {}

  /**
   * A decoder.
   *
   * @param session runs the form's model; closed with this
   * @param form what the model takes
   * @param size of the cache and of runs
   * @throws LatheException BAD_OPTION if a buffer of the cache would be larger than the engine
   *     takes
   */
  public SessionDecoder(Session session, CachedDecoder form, Size size) {
    this.equipment = Equipment.plain(session);
    this.weightBytes = session.weightBytes();
    this.form = form;
    this.arenas = size.arenas().stream().sorted(Comparator.comparingInt(Arena::capacity)).toList();
    int rows = arenas.stream().mapToInt(Arena::slots).max().orElseThrow();
    this.mostScored = Math.max(rows, LEAST_SCORED);
    long most = Math.max(Math.max(rows, size.chunk()), LEAST_SCORED);
    this.tokens = HostBuffer.allocate(ElementType.INT64, most);
    this.positions = HostBuffer.allocate(ElementType.INT64, most);
    this.lengths = HostBuffer.allocate(ElementType.INT32, rows);
    this.adapters = HostBuffer.allocate(ElementType.INT64, rows);
    this.wanted = HostBuffer.allocate(ElementType.INT64, mostScored);
    this.logits = HostBuffer.allocate(ElementType.FLOAT, mostScored, form.vocabulary());
    this.cache = new KeyValues(form, arenas, size.prefixBytes());
  }

  @Override
  public int vocabulary() {
    return (int) form.vocabulary();
  }

  @Override
  public int context() {
    return (int) Math.min(form.context(), Integer.MAX_VALUE);
  }

  @Override
  public List<Arena> arenas() {
    return arenas;
  }

  @Override
  public int mostScored() {
    return mostScored;
  }

  /**
   * What the rows take of the memory.
   *
   * @return bytes, without those of beginnings outside the rows
   */
  public long cacheBytes() {
    return cache.rowBytes();
  }

  /**
   * What it takes of the memory.
   *
   * @return bytes of weights, of rows and beginnings, of stacks of adapters, and of a second
   *     session as long as there is one
   */
  public long bytes() {
    synchronized (changing) {
      Equipment coming = next;
      return weightBytes
          + cache.bytes()
          + equipment.stackBytes()
          + beside
          + (coming == null ? 0 : coming.bytesBeside(equipment));
    }
  }

  /**
   * Who hears that {@link #bytes} gives another number than before.
   *
   * @param listener called on any thread
   */
  public void onResized(Runnable listener) {
    onResized = listener;
  }

  /** Tells who charges the memory. */
  void resized() {
    onResized.run();
  }

  @Override
  public void onChange(Runnable listener) {
    onChange = listener;
  }

  /** Another session is about to be opened, which is charged from now on. */
  void opening() {
    beside(weightBytes);
  }

  /** The other session was handed over by {@link #change}, or is closed. */
  void opened() {
    beside(0);
  }

  private void beside(long bytes) {
    synchronized (changing) {
      beside = bytes;
    }
    resized();
  }

  /**
   * Computes with another session or other stacks from the next {@link #refresh} on. For any
   * thread.
   *
   * @param other the same decoder with places for adapters; closed with this
   * @throws LatheException CLOSED, and then it stays the caller's to close
   */
  void change(Equipment other) {
    Equipment missed;
    synchronized (changing) {
      if (closed) {
        throw new LatheException(GenerateError.CLOSED, "the model is being closed");
      }
      missed = next;
      next = other;
      beside = 0;
    }
    if (missed != null) {
      missed.close();
    }
    onChange.run();
    resized();
  }

  @Override
  public void refresh() {
    Equipment before;
    synchronized (changing) {
      Equipment other = next;
      if (other == null) {
        return;
      }
      before = equipment;
      equipment = other;
      next = null;
    }
    tied.values().forEach(Binding::close);
    tied.clear();
    before.close();
    resized();
  }

  @Override
  public void run(Run run) {
    int total = 0;
    MemorySegment ids = tokens.segment();
    MemorySegment places = positions.segment();
    for (int row = 0; row < run.rows(); row++) {
      int length = run.lengthAt(row) + run.width();
      total = Math.max(total, length);
      lengths.segment().setAtIndex(INT, row, length - 1);
      adapters.segment().setAtIndex(LONG, row, run.adapterAt(row));
      for (int i = 0; i < run.width(); i++) {
        int at = row * run.width() + i;
        ids.setAtIndex(LONG, at, run.tokenAt(at));
        places.setAtIndex(LONG, at, run.lengthAt(row) + i);
      }
    }
    this.total.segment().set(INT, 0, total);
    // A run that wants no scores computes one row of them all the same: the graph is made for some.
    wanted.segment().setAtIndex(LONG, 0, 0);
    for (int i = 0; i < run.wanted(); i++) {
      wanted.segment().setAtIndex(LONG, i, run.wantedAt(i));
    }
    bound(new Shape(run.arena(), run.first(), run.rows(), run.width(), Math.max(1, run.wanted())))
        .run();
  }

  private Binding bound(Shape shape) {
    Binding binding = tied.get(shape);
    if (binding == null) {
      if (tied.size() >= MOST_TIED) {
        tied.pollFirstEntry().getValue().close();
      }
      binding = tie(shape);
      tied.put(shape, binding);
    }
    return binding;
  }

  private Binding tie(Shape shape) {
    Map<String, HostBuffer> inputs = new HashMap<>();
    inputs.put("input_ids", tokens.beginning(shape.rows(), shape.width()));
    inputs.put("seqlens_k", lengths.beginning(shape.rows()));
    inputs.put("total_sequence_length", total);
    inputs.put("logits_rows", wanted.beginning(shape.wanted()));
    if (!equipment.stacks().isEmpty()) {
      inputs.put(AdapterSlots.IDS, adapters.beginning(shape.rows()));
      inputs.putAll(equipment.stacks());
    }
    if (form.takesPositions()) {
      inputs.put("position_ids", positions.beginning(shape.rows(), shape.width()));
    }
    Map<String, HostBuffer> outputs = new HashMap<>();
    outputs.put("logits", logits.beginning(shape.wanted(), form.vocabulary()));
    Map<String, String> inPlace = new HashMap<>();
    List<KeyValues.Layer> layers = cache.layers(shape.arena());
    for (int i = 0; i < layers.size(); i++) {
      HostBuffer keys = layers.get(i).keys().rows(shape.first(), shape.rows());
      HostBuffer values = layers.get(i).values().rows(shape.first(), shape.rows());
      inputs.put("past_key_values." + i + ".key", keys);
      inputs.put("past_key_values." + i + ".value", values);
      outputs.put("present." + i + ".key", keys);
      outputs.put("present." + i + ".value", values);
      inPlace.put("present." + i + ".key", "past_key_values." + i + ".key");
      inPlace.put("present." + i + ".value", "past_key_values." + i + ".value");
    }
    return equipment.session().bind(inputs, outputs, inPlace);
  }

  @Override
  public void read(int index, float[] into) {
    MemorySegment.copy(
        logits.segment(), FLOAT, (long) index * into.length * Float.BYTES, into, 0, into.length);
  }

  @Override
  public void copy(Spot from, Spot to, int begin, int end) {
    cache.copy(from, to, begin, end);
  }

  @Override
  public void exchange(Spot one, Spot other, int length) {
    cache.exchange(one, other, length);
  }

  @Override
  public int blocks() {
    return cache.blocks();
  }

  @Override
  public long blockBytes() {
    return cache.blockBytes();
  }

  @Override
  public void save(Spot from, int begin, Part to) {
    cache.save(from, begin, to);
  }

  @Override
  public void load(Part from, Spot to, int begin) {
    cache.load(from, to, begin);
  }

  @Override
  public void close() {
    tied.values().forEach(Binding::close);
    tied.clear();
    Equipment missed;
    synchronized (changing) {
      closed = true;
      missed = next;
      next = null;
    }
    if (missed != null) {
      missed.close();
    }
    equipment.close();
    cache.close();
  }
}
