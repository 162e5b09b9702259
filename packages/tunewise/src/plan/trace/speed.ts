/** @file Time of a traced step: a roofline of the card over the kernels that the step launches. */
import type { Device } from "../../catalog/index.ts";
import { paddedTokens } from "../place/padded.ts";
import { gpuConstants as k } from "../speed/constants.ts";
import type { StackSpeed } from "../speed/estimate.ts";
import {
  exchangeSeconds,
  peakFlops,
  reachedFlops,
  type SpeedPart,
  speedOf,
  waitSeconds,
} from "../speed/estimate.ts";
import { type StackSetting, tokensOf } from "../stack/setting.ts";
import type { TracedStep, TracedWork } from "./trace.ts";

/** Kinds of work that happen once per step, independently of its micro-batches. */
const onceAStep: readonly string[] = ["optimizer", "penalty", "transfer"];

/**
 * Seconds of a step. Each kind of kernel takes the larger of two times: its FLOP at the achieved share of the peak, or
 * its bytes at the achieved share of the bandwidth. The time that the GPU waits for launches by the host is added.
 *
 * @param setting with the usual length of a micro-batch, between those of the traced shapes
 * @source Williams, Waterman and Patterson 2009, "Roofline", CACM 52(4), for each kind of kernel
 */
export function tracedSpeed(
  step: TracedStep,
  setting: StackSetting,
  device: Device,
  microBatches: number,
): StackSpeed {
  const work = workAt(step, tokensOf(setting));
  const kinds = Object.entries(work).map(([name, { calls, flops, bytes }]) => {
    const batches = onceAStep.includes(name) ? 1 : microBatches;
    const reached = reachedFlops(device, setting.stack) * (name === "attention" ? k.attentionShare : 1);
    const bandwidth =
      name === "transfer" ? k.pageableBytesPerSecond : device.bandwidthBytesPerSecond * k.bandwidthShare;
    const seconds = Math.max(flops / reached, bytes / bandwidth);
    return { name, seconds: batches * seconds, launches: batches * calls, flops: batches * flops };
  });
  const add = (value: (one: (typeof kinds)[number]) => number): number =>
    kinds.reduce((total, one) => total + value(one), 0);
  const busy = add(({ seconds }) => seconds);
  const wait = waitSeconds(
    busy,
    add(({ launches }) => launches),
  );
  const parts: SpeedPart[] = [
    ...kinds.map(({ name, seconds }) => ({ name, seconds })),
    { name: "launch", seconds: wait.expected },
    { name: "exchange", seconds: exchangeSeconds(setting, device, microBatches, busy) },
  ];
  return speedOf(parts, {
    peak: peakFlops(device, setting.stack),
    tokens: microBatches * tokensOf(setting),
    flops: add(({ flops }) => flops),
    wait,
  });
}

/** Work of one micro-batch by its tokens, interpolated between the two nearest shapes. */
function workAt({ shapes, batchesOfStep }: TracedStep, tokens: number): Record<string, TracedWork> {
  const known = shapes
    .map(({ lengths, work }) => ({ size: paddedTokens(lengths), work }))
    .toSorted((a, b) => a.size - b.size);
  const above = known.find(({ size }) => size >= tokens) ?? known.at(-1);
  const below = known.findLast(({ size }) => size < tokens) ?? { size: 0, work: {} };
  if (above === undefined) return {};
  const share = above.size === below.size ? 1 : (tokens - below.size) / (above.size - below.size);
  const none = { calls: 0, flops: 0, bytes: 0 };
  return Object.fromEntries(
    Object.entries(above.work).map(([name, high]) => {
      // below the smallest shape, work that does not grow with the batch stays constant
      const low = below.work[name as keyof typeof below.work] ?? { ...none, calls: high.calls };
      const between = (field: keyof TracedWork): number =>
        (low[field] + share * (high[field] - low[field])) / batchesOfStep;
      if (onceAStep.includes(name)) return [name, high];
      return [name, { calls: between("calls"), flops: between("flops"), bytes: between("bytes") }];
    }),
  );
}
