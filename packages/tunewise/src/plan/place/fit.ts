/** @file Finds the fastest layout of a job that fits into a machine's devices. */

import { type Bytes, bytes } from "@tunewise/core/quantity";
import type { Device } from "../../catalog/index.ts";
import { estimateStackSpeed, type StackSpeed } from "../speed/estimate.ts";
import { estimateStackMemory, rangeFactors } from "../stack/estimate.ts";
import { noSlack, type ReserveSlack, slackOf } from "../stack/reserve.ts";
import type { Sharding, StackSetting } from "../stack/setting.ts";
import { type CardMemory, tracedMemory } from "../trace/memory.ts";
import { traceRequestOf } from "../trace/request.ts";
import { tracedSpeed } from "../trace/speed.ts";
import { traceKey } from "../trace/trace.ts";
import type { Job } from "./job.ts";
import { fitsOf, type Layout } from "./place.ts";

/** A layout with its memory and speed. */
export interface Fitted {
  readonly layout: Layout;
  /** Setting with the largest micro-batch, which determines memory. */
  readonly worst: StackSetting;
  readonly memory: CardMemory;
  readonly speed: StackSpeed;
  /** Basis of the memory and speed estimates. */
  readonly by: "traced" | "rules";
  readonly fits: "yes" | "tight" | "no";
}

/** Devices available to a job. */
export interface Room {
  readonly device: Device;
  readonly devices: number;
  /** Usable memory of one device. */
  readonly usableBytes: Bytes;
}

/** Returns the devices of a machine, with the smaller of the catalog's and the device's memory. */
export function roomOf(device: Device, devices: number, statedBytes: Bytes): Room {
  return { device, devices, usableBytes: bytes(Math.min(device.memoryBytes.low, statedBytes)) };
}

/** Selects a layout, and adds the allocator's cache to its memory. */
export function fitJob(job: Job, room: Room): Fitted {
  const fitted = chooseLayout(job, room);
  if (fitted.by === "traced") return fitted;
  const slack = rememberedSlack(job, fitted.worst);
  return {
    ...fitted,
    memory: estimateStackMemory(fitted.worst, room.usableBytes, rangeFactors, slack),
  };
}

/** Slack by layout. Machines with different cards share it, because layouts with equal tensors have equal slack. */
const knownSlacks = new WeakMap<Job, Map<string, ReserveSlack>>();

function rememberedSlack(job: Job, setting: StackSetting): ReserveSlack {
  const known = knownSlacks.get(job) ?? new Map<string, ReserveSlack>();
  knownSlacks.set(job, known);
  const { rows, checkpointing, attention, sharding, devices, trained } = setting;
  const states = trained.kind === "full" ? `${sharding} ${devices}` : "";
  const key = `${rows} ${checkpointing} ${attention} ${states}`;
  const found = known.get(key) ?? slackOf(setting);
  known.set(key, found);
  return found;
}

/**
 * Selects the fastest layout that certainly fits, else the fastest that probably fits, else the one with the least
 * memory. The choice ignores the allocator's cache, which is released before an allocation fails.
 */
export function chooseLayout(job: Job, room: Room): Fitted {
  const tried = layoutsOf(job, room).map((layout) => tryLayout(job, room, layout));
  const best = (kind: Fitted["fits"]): Fitted | undefined =>
    tried
      .filter(({ fits }) => fits === kind)
      .sort((a, b) => a.speed.stepSeconds.expected - b.speed.stepSeconds.expected)[0];
  const least = tried.reduce((a, b) => (b.memory.process.expected < a.memory.process.expected ? b : a));
  return best("yes") ?? best("tight") ?? least;
}

/** Candidate layouts: rows halved down to one, with and without recomputation and sharding. */
export function layoutsOf(job: Job, { devices }: Room): Layout[] {
  const perDevice = Math.ceil(job.rowsPerStep / devices);
  const most = job.hasFixedRows
    ? Math.ceil(job.rowsTogether / devices)
    : Math.min(job.rowsTogether, perDevice);
  const layouts: Layout[] = [];
  for (let rows = most; ; rows = Math.floor(rows / 2)) {
    for (const recompute of recomputesOf(job)) {
      for (const sharding of shardingsOf(job, devices)) {
        layouts.push({ rows, microBatches: Math.ceil(perDevice / rows), recompute, sharding });
      }
    }
    if (rows <= 1 || job.hasFixedRows) return layouts;
  }
}

function recomputesOf({ recompute }: Job): ("none" | "layer")[] {
  return recompute === "auto" ? ["none", "layer"] : [recompute];
}

function shardingsOf({ sharding }: Job, devices: number): Sharding[] {
  if (devices < 2) return ["none"];
  return sharding === "auto" ? ["none", "fsdp"] : [sharding];
}

/** Estimates a layout: memory of its largest micro-batch, speed of its average one. */
export function tryLayout(job: Job, room: Room, layout: Layout): Fitted {
  const batches = job.padded(layout.rows);
  const longest = Math.max(1, batches.longest);
  const worst = { ...settingOf(job, room, layout, longest), lengths: batches.sample };
  const usual = { ...worst, length: Math.max(1, batches.length) };
  const { device, devices } = room;
  const request = job.traces.size > 0 ? traceRequestOf(job, device, devices, layout) : null;
  const traced = request === null ? undefined : job.traces.get(traceKey(request));
  const memory = traced
    ? tracedMemory(traced, devices)
    : estimateStackMemory(worst, room.usableBytes, rangeFactors, noSlack);
  const { microBatches } = layout;
  return {
    layout,
    worst,
    memory,
    speed: traced
      ? tracedSpeed(traced, usual, device, microBatches)
      : estimateStackSpeed(usual, device, microBatches),
    by: traced ? "traced" : "rules",
    fits: fitsOf(memory.process, room.usableBytes),
  };
}

/**
 * Fused attention supports grouped keys in 16 bits on cards with compute capability 8.0 or higher; otherwise PyTorch
 * computes grouped-query attention eagerly.
 *
 * @source `sdp_utils.cpp` of PyTorch's `aten/src/ATen/native/transformers/cuda`
 */
function attentionOf({ model, stack }: Job, { capability }: Device): StackSetting["attention"] {
  if (!stack.groupsKeys || model.kvHeads === model.heads || capability === null) return "fused";
  return stack.computeBytes === 2 && Number(capability) >= 8 ? "fused" : "eager";
}

function settingOf(job: Job, { device, devices }: Room, layout: Layout, length: number): StackSetting {
  const { model, trained, stack, optimizer, offload } = job;
  return {
    model,
    trained,
    stack,
    rows: layout.rows,
    length,
    accumulates: layout.microBatches > 1,
    checkpointing: layout.recompute === "layer",
    attention: attentionOf(job, device),
    optimizer,
    devices,
    sharding: layout.sharding,
    offload,
    anchorBytes: anchorBytesOf(job),
    evaluation:
      job.longestValidation > 0
        ? { rows: stack.evaluationRows ?? layout.rows, length: job.longestValidation }
        : null,
  };
}

/**
 * Bytes per weight of a penalty: for full fine-tuning the float32 base weight; with full EWC also its importance as
 * bfloat16.
 */
function anchorBytesOf({ penalty, trained }: Job): number {
  if (penalty === null) return 0;
  const importance = penalty.kind === "ewc" && penalty.storage === "full" ? 2 : 0;
  return (trained.kind === "full" ? 4 : 0) + importance;
}
