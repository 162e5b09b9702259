/**
 * @file What renting a machine adds to the arithmetic; priors, each with its reason.
 */
import { type Range, range } from "../../quantity/index.ts";

/** Renting, starting, judging. */
export const rentConstants = {
  /** From the order to a shell with drivers and libraries: a minute of a ready image to a quarter of an hour. */
  rentSeconds: range(60, 240, 900) as Range<number>,
  /** Weights from a hub into the machine, reading them included. */
  fetchBytesPerSecond: range(60e6, 200e6, 800e6) as Range<number>,
  /**
   * A person's time for a machine that is not at hand: ordering it, bringing data there and the result back. Assumed;
   * it weighs in the recommendation as waiting does, and is in no time or price that is shown.
   */
  setUpHours: 0.25,
  compileSeconds: range(30, 90, 300) as Range<number>,
  saveBytesPerSecond: range(150e6, 500e6, 1500e6) as Range<number>,
  /** Time of a forward pass, as a share of training the same tokens without recomputing. */
  forwardShare: 0.45,
  forwardShareFull: 0.33,
  /** Judging is estimated more coarsely than training. */
  judgeDoubt: range(0.5, 1, 2) as Range<number>,
  /** A measured speed repeats itself to a few per cent. */
  measuredDoubt: range(0.95, 1, 1.1) as Range<number>,
  /** The longest answer of a group, in mean answers. */
  answerStretch: 1.6,
  decodeBandwidthShare: 0.6,
  /** Starting the kernels of one layer while decoding. */
  decodeLayerSeconds: 0.4e-3,
  /** Work done again because spot machines are taken away. */
  spotRework: range(1, 1.08, 1.4) as Range<number>,
} as const;
