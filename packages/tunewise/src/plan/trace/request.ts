/** @file The trace request for the step of a layout. */
import type { Device } from "../../catalog/index.ts";
import type { Job } from "../place/job.ts";
import type { Layout } from "../place/place.ts";
import type { StackName } from "../stack/rules.ts";
import type { TraceRequest } from "./trace.ts";

/** Programs that can be traced, by the name of their rules. */
export const tracedPrograms: Readonly<Partial<Record<StackName, TraceRequest["program"]>>> = {
  worker: "worker",
  "hf-loop": "peft",
};

/**
 * Returns the request for a job's step in a layout on a card. `null` if it cannot be traced: another program or
 * optimizer, ZeRO or offloading, DoRA on 4-bit weights, a penalty of another program than the worker, a card that is
 * not from NVIDIA, or no rows.
 */
export function traceRequestOf(
  job: Job,
  device: Device,
  devices: number,
  { rows, microBatches, recompute, sharding }: Layout,
): TraceRequest | null {
  const program = tracedPrograms[job.stack.name];
  const isCovered = job.optimizer === "adamw" && job.offload === "none";
  if (program === undefined || !isCovered || device.capability === null) return null;
  if (job.penalty !== null && program !== "worker") return null;
  if (sharding !== "none" && sharding !== "fsdp") return null;
  if (job.trained.kind === "qlora" && job.trained.dora) return null;
  const batches = job.shapes(rows);
  if (batches.length === 0) return null;
  const isHalf = job.trained.kind === "full" && job.stack.fullWeightBytes === 2;
  return {
    program,
    dtype: isHalf ? "bfloat16" : dtypeOf(job, device),
    method: methodOf(job),
    training: {
      recompute,
      batching: job.isPacked ? "pack" : "pad",
      ...(job.penalty === null ? {} : { penalty: job.penalty }),
      ...(isHalf ? { masterDtype: "bfloat16" as const } : {}),
    },
    batches,
    evaluation: program === "worker" ? job.evaluationBatch : [],
    accumulates: microBatches > 1,
    labelledShare: job.labelledShare,
    card: { capability: device.capability },
    world: { size: devices, sharding },
  };
}

/** The number format that the worker uses on the card. */
function dtypeOf({ precision }: Job, { hasBf16 }: Device): TraceRequest["dtype"] {
  if (precision === "fp32") return "float32";
  return precision === "bf16" || hasBf16 ? "bfloat16" : "float16";
}

function methodOf({ trained, freeze }: Job): TraceRequest["method"] {
  if (trained.kind === "full") return { kind: "full", freeze };
  const { kind, rank, dropout, targets, doubleQuantization, dora } = trained;
  return { kind, rank, dropout, targets, doubleQuantization, ...(dora ? { dora } : {}) };
}
