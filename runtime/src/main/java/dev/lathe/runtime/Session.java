package dev.lathe.runtime;

import dev.lathe.ir.Model;
import dev.lathe.ir.Tensor;
import dev.lathe.ir.ValueInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A model loaded into ONNX Runtime. */
public final class Session implements AutoCloseable {
  private Session() {}

  /**
   * Loads a model.
   *
   * @param model the model
   * @param options how to run it
   * @return the session; the caller closes it
   */
  public static Session open(Model model, SessionOptions options) {
    throw new UnsupportedOperationException();
  }

  /**
   * Loads a file.
   *
   * @param onnxFile the file
   * @param options how to run it
   * @return the session; the caller closes it
   */
  public static Session open(Path onnxFile, SessionOptions options) {
    throw new UnsupportedOperationException();
  }

  /**
   * What a run needs.
   *
   * @return the inputs in order
   */
  public List<ValueInfo> inputs() {
    throw new UnsupportedOperationException();
  }

  /**
   * What a run gives.
   *
   * @return the outputs in order
   */
  public List<ValueInfo> outputs() {
    throw new UnsupportedOperationException();
  }

  /**
   * Computes all outputs.
   *
   * @param inputs tensors by name
   * @return outputs by name
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs) {
    throw new UnsupportedOperationException();
  }

  /**
   * Computes some outputs.
   *
   * @param inputs tensors by name
   * @param outputs names of outputs
   * @return those outputs by name
   */
  public Map<String, Tensor> run(Map<String, Tensor> inputs, Set<String> outputs) {
    throw new UnsupportedOperationException();
  }

  /**
   * Ties buffers to names, for runs that allocate nothing.
   *
   * @param inputs a buffer for every input
   * @param outputs a buffer for every output wanted
   * @return the binding; the caller closes it
   */
  public Binding bind(Map<String, HostBuffer> inputs, Map<String, HostBuffer> outputs) {
    throw new UnsupportedOperationException();
  }

  /**
   * The size of the model's constants.
   *
   * @return bytes
   */
  public long weightBytes() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
