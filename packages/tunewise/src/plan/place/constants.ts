/** @file Constants of rented machines; priors with their reasons. */
import { type Range, range } from "@tunewise/core/quantity";

/** Startup and evaluation on rented machines. */
export const rentConstants = {
  /**
   * From the order to a ready shell with drivers and libraries: from one minute with a prebuilt image to a quarter of
   * an hour.
   */
  rentSeconds: range(60, 240, 900) as Range<number>,
  /** Starting Python, and hashing and loading weights that are on the machine's disk. */
  loadSeconds: range(10, 30, 120) as Range<number>,
  /** Downloading weights from a hub, and loading them. */
  fetchBytesPerSecond: range(60e6, 200e6, 800e6) as Range<number>,
  /**
   * A person's time for a rented machine: ordering it, uploading data and downloading the result. Assumed; counted as
   * waiting in the recommendation, but not included in any displayed time or price.
   */
  setUpHours: 0.25,
  compileSeconds: range(30, 90, 300) as Range<number>,
  saveBytesPerSecond: range(150e6, 500e6, 1500e6) as Range<number>,
  /** Time of a forward pass, as a share of training the same tokens without recomputing. */
  forwardShare: 0.45,
  forwardShareFull: 0.33,
  /** Uncertainty of the evaluation time, larger than that of training. */
  evaluationUncertainty: range(0.5, 1, 2) as Range<number>,
  /** Uncertainty of a measured speed. */
  measuredUncertainty: range(0.95, 1, 1.1) as Range<number>,
  /** Ratio of a group's longest to its mean answer. */
  answerStretch: 1.6,
  decodeBandwidthShare: 0.6,
  /** Kernel launch time of one layer during decoding. */
  decodeLayerSeconds: 0.4e-3,
  /** Factor for work repeated after preemption of spot machines. */
  spotRework: range(1, 1.08, 1.4) as Range<number>,
} as const;
