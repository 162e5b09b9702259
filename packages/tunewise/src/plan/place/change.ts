/** @file Suggests a change that makes a job fit: the first sufficient one of a list, cheapest first. */
import { withOptions } from "../stack/options.ts";
import { chooseLayout, type Room } from "./fit.ts";
import type { Job } from "./job.ts";

/** A change of the job, and the line for the recipe. */
interface Change {
  readonly line: string;
  readonly apply: (job: Job) => Job | null;
}

/** Max. devices of a machine that a change suggests. */
const maxDevices = 8;

/**
 * Changes by increasing cost in quality or speed. A smaller rank is not included, since adapters are rarely the
 * problem.
 */
const changes: readonly Change[] = [
  {
    line: "training.gradient_checkpointing: layer",
    apply: (job) => (job.recompute === "none" ? { ...job, recompute: "layer" } : null),
  },
  {
    line: "plan.fused_loss: true",
    apply: (job) =>
      job.stack.loss === "fused" ? null : { ...job, stack: withOptions(job.stack, { fusedLoss: true }) },
  },
  {
    line: "plan.optimizer: paged-adamw-8bit",
    apply: (job) => (job.trained.kind === "full" ? { ...job, optimizer: "paged-adamw-8bit" } : null),
  },
  {
    line: "method.kind: qlora",
    apply: (job) =>
      job.trained.kind === "lora" ? { ...job, trained: { ...job.trained, kind: "qlora" } } : null,
  },
  {
    line: "method.kind: lora",
    apply: (job) => (job.trained.kind === "full" ? { ...job, trained: defaultLora } : null),
  },
  {
    line: "method.kind: qlora",
    apply: (job) =>
      job.trained.kind === "full" ? { ...job, trained: { ...defaultLora, kind: "qlora" } } : null,
  },
];

/** LoRA with the recipe's defaults. */
const defaultLora = {
  kind: "lora",
  rank: 16,
  targets: "all-linear",
  head: false,
  dropout: 0,
  doubleQuantization: true,
} as const;

/**
 * Finds the first change after which a job certainly fits: a single one, then combined with a fused loss, then more
 * devices, then shorter rows.
 *
 * @returns lines for the recipe, or a description; `null` if no change suffices
 */
export function changeToFit(job: Job, room: Room): string | null {
  const fits = (changed: Job, where: Room = room): boolean => chooseLayout(changed, where).fits === "yes";
  for (const { line, apply } of changes) {
    const changed = apply(job);
    if (changed !== null && fits(changed)) return line;
  }
  const fused = { ...job, stack: withOptions(job.stack, { fusedLoss: true }) };
  for (const { line, apply } of changes) {
    const changed = apply(fused);
    if (changed !== null && fits(changed)) return `${line}, plan.fused_loss: true`;
  }
  for (let devices = room.devices * 2; devices <= maxDevices; devices *= 2) {
    if (fits(job, { ...room, devices })) return `${devices} of these devices`;
  }
  for (const divisor of [2, 4]) {
    const shorter = shortened(job, Math.floor(job.maxLength / divisor));
    if (fits(shorter)) return `data.max_length: ${shorter.maxLength}`;
  }
  return null;
}

function shortened(job: Job, maxLength: number): Job {
  const cut = (length: number): number => Math.min(length, maxLength);
  const padded: Job["padded"] = (rows) => {
    const batches = job.padded(rows);
    return {
      ...batches,
      length: cut(batches.length),
      longest: cut(batches.longest),
      sample: batches.sample.map(cut),
    };
  };
  const shortest = { maxLength, padded, longestValidation: cut(job.longestValidation) };
  return { ...job, ...shortest, traces: new Map() }; // batches of the changed length were not traced
}
