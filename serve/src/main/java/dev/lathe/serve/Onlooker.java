package dev.lathe.serve;

import dev.lathe.ir.LatheException;

/** Looks on while a leased model answers; on the thread that asked, so it returns at once. */
interface Onlooker {
  /** Looks away. */
  Onlooker NOBODY =
      new Onlooker() {
        @Override
        public void answered(InferRequest request, InferResponse response, long nanos) {}

        @Override
        public void failed(InferRequest request, LatheException failure) {}
      };

  /** The model answered within so many nanoseconds. */
  void answered(InferRequest request, InferResponse response, long nanos);

  /** The model did not answer. */
  void failed(InferRequest request, LatheException failure);
}
