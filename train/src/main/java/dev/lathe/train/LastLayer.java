package dev.lathe.train;

/** What becomes of a base's last layer. */
public enum LastLayer {
  /** It is trained further; a model of features, which has none, gets one. */
  KEPT,
  /** A new one takes its place, for the classes of the data. */
  NEW
}
