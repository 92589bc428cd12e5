package dev.lathe.serve;

import dev.lathe.generate.GenerateError;
import dev.lathe.generate.GenerateRequest;
import dev.lathe.generate.TextModel;
import dev.lathe.generate.TextStream;
import dev.lathe.ir.ErrorKind;
import dev.lathe.ir.LatheException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** The right to use a loaded model: as long as a lease is open, its model stays loaded. */
public final class Lease implements AutoCloseable {
  private final LoadedModel model;
  private final Onlooker onlooker;
  private final TextOnlooker textOnlooker;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /** Takes over one reference that the caller holds. */
  Lease(LoadedModel model) {
    this(model, Onlooker.NOBODY, TextOnlooker.NOBODY);
  }

  /** Takes over one reference that the caller holds; somebody hears how requests end. */
  Lease(LoadedModel model, Onlooker onlooker, TextOnlooker textOnlooker) {
    this.model = model;
    this.onlooker = onlooker;
    this.textOnlooker = textOnlooker;
    model.lent();
  }

  /**
   * The model.
   *
   * @return the loaded version
   */
  public LoadedModel model() {
    return model;
  }

  /**
   * Answers a request; the calling thread waits. What is on trial is judged by such requests.
   *
   * @param request inputs, outputs wanted, deadline, caller
   * @return the outputs
   * @throws LatheException as {@link LoadedModel#infer}
   */
  public InferResponse infer(InferRequest request) {
    if (onlooker == Onlooker.NOBODY) {
      return model.infer(request);
    }
    long start = System.nanoTime();
    try {
      InferResponse response = model.infer(request);
      onlooker.answered(request, response, System.nanoTime() - start);
      return response;
    } catch (LatheException e) {
      onlooker.failed(request, e);
      throw e;
    }
  }

  /**
   * Makes something of what was asked, as the model wants it. What is on trial is judged by what it
   * refuses and the live version takes.
   *
   * @param making makes it for a version; may be called again for the live one
   * @param <T> what is made
   * @return what was made
   */
  public <T> T prepare(Function<LoadedModel, T> making) {
    try {
      return making.apply(model);
    } catch (LatheException e) {
      if (e.kind() == ErrorKind.INVALID) {
        textOnlooker.refused(e, making::apply);
      }
      throw e;
    }
  }

  /**
   * Begins to answer with text. What is on trial is judged by such requests.
   *
   * @param request the prompt and what is wanted
   * @return the events; the caller closes them
   * @throws LatheException as {@link TextModel#generate}
   */
  public TextStream generate(GenerateRequest request) {
    TextModel text = model.text();
    if (textOnlooker == TextOnlooker.NOBODY) {
      return text.generate(request);
    }
    try {
      return new WatchedText(text.generate(request), textOnlooker);
    } catch (LatheException e) {
      if (e.kind() == ErrorKind.INVALID) {
        textOnlooker.refused(e, live -> requireRoom(live, request, e));
      } else {
        textOnlooker.failed(e, Duration.ZERO);
      }
      throw e;
    }
  }

  /** What is wrong in itself is so for every version; how long a prompt may be is a version's. */
  private static void requireRoom(LoadedModel live, GenerateRequest request, LatheException why) {
    boolean tooLong = why.code() == GenerateError.PROMPT_TOO_LONG;
    if (!tooLong || request.prompt().length >= live.text().context()) {
      throw why;
    }
  }

  /** Gives the right back; once is enough. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      model.givenBack();
    }
  }
}
