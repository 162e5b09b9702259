/** @file Time estimates from a few measured steps instead of formulas. */
import { countOf, type Range, range, seconds } from "@tunewise/core/quantity";
import type { ProbeFacts, RowLength } from "../input.ts";
import type { TimeEstimate, TimePart } from "../plan.ts";
import { type Factor, mapRange, rangeOf, sumRanges, times } from "../range-arithmetic.ts";

/** Uncertainty between a probe and the run: noise of the machine, different batches. */
const uncertainty = {
  train: range(0.93, 1, 1.1) as Range<number>,
  loss: range(0.85, 1, 1.2) as Range<number>,
  decode: range(0.8, 1, 1.3) as Range<number>,
} as const;

/** Amounts of work to scale the measurements by. */
export interface ProbedWork {
  readonly tokens: number;
  readonly evaluations: number;
  readonly validation: readonly RowLength[];
  readonly test: readonly RowLength[];
  /** `null` if forgetting is not measured, or also by generated answers. */
  readonly forgettingTokens: number | null;
  readonly batchSize: number;
  readonly maxNewTokens: number;
}

/** Replaces the parts of an estimate that the probe measured. */
export function withProbe(estimate: TimeEstimate, probe: ProbeFacts, work: ProbedWork): TimeEstimate {
  const parts = estimate.parts.map((part) => {
    const measured = measuredSeconds(part.name, probe, work);
    if (measured === null) return part;
    const reason = `${part.reason}; from a probe of ${countOf(probe.steps, "step")}`;
    return { ...part, seconds: rangeOf(measured, seconds), reason } satisfies TimePart;
  });
  return {
    ...estimate,
    parts,
    seconds: rangeOf(sumRanges(parts.map((part) => part.seconds)), seconds),
    isProbed: true,
    trainTokensPerSecond: mapRange(
      invert(uncertainty.train),
      (factor) => factor * probe.trainTokensPerSecond,
    ),
  };
}

function measuredSeconds(name: TimePart["name"], probe: ProbeFacts, work: ProbedWork): Factor | null {
  switch (name) {
    case "start":
      return mapRange(uncertainty.loss, (factor) => factor * probe.startSeconds);
    case "train":
      return mapRange(uncertainty.train, (factor) => (factor * work.tokens) / probe.trainTokensPerSecond);
    case "validate":
      return lossSeconds(probe, work.validation, work.evaluations);
    case "forgetting": {
      const { lossTokensPerSecond: rate } = probe;
      const { forgettingTokens: tokens } = work;
      return rate === null || tokens === null
        ? null
        : mapRange(uncertainty.loss, (factor) => (factor * tokens) / rate);
    }
    case "test-base":
    case "test-tuned":
      return testSeconds(name === "test-base", probe, work);
    case "importance":
    case "save":
      return null;
  }
}

function lossSeconds(probe: ProbeFacts, rows: readonly RowLength[], count: number): Factor | null {
  if (probe.lossTokensPerSecond === null) return null;
  const tokens = rows.reduce((sum, row) => sum + row.tokens, 0);
  const once = tokens / probe.lossTokensPerSecond;
  return mapRange(uncertainty.loss, (factor) => factor * count * once);
}

/** Time for decoding all groups; the base model's answers are as long as in the probe. */
function testSeconds(isBase: boolean, { decode, ...probe }: ProbeFacts, work: ProbedWork): Factor | null {
  if (decode === null) return lossSeconds({ decode, ...probe }, work.test, 1);
  const { test, batchSize, maxNewTokens } = work;
  let tokens = 0;
  let groups = 0;
  for (let from = 0; from < test.length; from += batchSize) {
    const answers = test.slice(from, from + batchSize).map((row) => row.tokens - row.promptTokens);
    const longest = answers.reduce((a, b) => Math.max(a, b), 1);
    tokens += Math.min(maxNewTokens, isBase ? decode.baseTokens : longest);
    groups++;
  }
  const expected = groups * decode.prefillSeconds + tokens * decode.secondsPerToken;
  return times(uncertainty.decode, { low: expected, expected, high: expected });
}

function invert({ low, expected, high }: Factor): Factor {
  return { low: 1 / high, expected: 1 / expected, high: 1 / low };
}
