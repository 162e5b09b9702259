/** @file The penalty for LoRA adapters: on the update s B A of each frozen matrix. */

import { mean } from "@tunewise/core/math";
import type { LoraAdapter } from "../adapters/lora.ts";
import { createKernels, type KernelMemory, type Kernels } from "../kernels/kernels.ts";
import { isTarget, type Projection, projections } from "../models/architecture.ts";
import { layerName } from "../models/weight-names.ts";
import type { FisherTensor } from "../penalties/fisher.ts";
import { factoredPenaltyProgram, fullPenaltyProgram } from "../penalties/lora-penalty-programs.ts";
import type { Penalty, PenaltySettings } from "../penalties/settings.ts";
import type { Feeds, Session } from "../runtime/session.ts";
import { addInto } from "./add-into.ts";
import type { LoadedModel } from "./loaded-model.ts";
import type { Gradients } from "./train-pass.ts";

/** One adapted matrix. */
interface Target {
  readonly layer: number;
  readonly projection: Projection;
  readonly importance: FisherTensor | null;
}

/** The penalty on all adapted matrices. */
export async function loraPenalty(
  { architecture, programs }: LoadedModel,
  adapter: LoraAdapter,
  settings: PenaltySettings,
): Promise<Penalty> {
  const { rank, scaling, targets } = adapter.shape;
  const adapted = Array.from({ length: architecture.layers }, (_, layer) =>
    projections(architecture)
      .filter((one) => targets.some((target) => isTarget(one, target)))
      .map(
        (projection): Target => ({
          layer,
          projection,
          importance: importanceOf(settings, layerName(architecture, layer, projection.path)),
        }),
      ),
  ).flat();
  const sessions = new Map<string, Session>();
  const sessionFor = async ({ projection, importance }: Target): Promise<Session> => {
    const { inputWidth, outputWidth } = projection;
    const key = `${importance?.kind === "full"} ${inputWidth} ${outputWidth}`;
    const build = importance?.kind === "full" ? fullPenaltyProgram : factoredPenaltyProgram;
    const session = sessions.get(key) ?? (await programs.load(build(outputWidth, inputWidth, rank, scaling)));
    sessions.set(key, session);
    return session;
  };
  const scratch = new Scratch(adapted, rank);
  return {
    add: async (gradients: Gradients, labelledTokens: number) => {
      let sum = 0;
      for (const target of adapted) {
        const { layer, projection } = target;
        const own = adapter.layers[layer] ?? {};
        const [a, b] = [`${projection.name}.A`, `${projection.name}.B`];
        const feeds: Feeds = {
          A: own[a] as Float32Array,
          B: own[b] as Float32Array,
          ...scratch.importance(target),
        };
        const outputs = scratch.outputs(projection);
        await (await sessionFor(target)).run({}, feeds, outputs);
        sum += outputs.sum[0] as number;
        const factor = settings.lambda * labelledTokens;
        addInto(gradients.layers[layer]?.[a] as Float32Array, outputs.dA, factor);
        addInto(gradients.layers[layer]?.[b] as Float32Array, outputs.dB, factor);
      }
      return (settings.lambda / 2) * sum;
    },
    close: async () => {
      for (const session of sessions.values()) await session.close();
    },
  };
}

function importanceOf(settings: PenaltySettings, path: string): FisherTensor | null {
  if (settings.kind === "l2-sp") return null;
  const tensor = settings.fisher.tensors.get(`${path}.weight`);
  if (!tensor) throw new Error(`Internal: the Fisher lacks ${path}`);
  return tensor;
}

/** Arrays reused for all matrices. */
class Scratch {
  private readonly rank: number;
  private readonly a: Float32Array;
  private readonly b: Float32Array;
  private readonly ones: Float32Array;
  private readonly columns = new Map<FisherTensor, Float32Array>();
  private readonly widest: number;
  private opened: { readonly memory: KernelMemory; readonly kernels: Kernels } | null = null;

  constructor(targets: readonly Target[], rank: number) {
    const largest = (read: (projection: Projection) => number): number =>
      targets.reduce((most, { projection }) => Math.max(most, read(projection)), 0);
    this.rank = rank;
    this.a = new Float32Array(rank * largest(({ inputWidth }) => inputWidth));
    this.b = new Float32Array(rank * largest(({ outputWidth }) => outputWidth));
    this.ones = new Float32Array(
      largest(({ inputWidth, outputWidth }) => Math.max(inputWidth, outputWidth)),
    ).fill(1);
    // rounded up to a multiple of the values that the kernel widens at once
    this.widest = Math.ceil(largest(({ inputWidth, outputWidth }) => inputWidth * outputWidth) / 8) * 8;
  }

  outputs({ inputWidth, outputWidth }: Projection): Record<"dA" | "dB" | "sum", Float32Array> {
    return {
      dA: this.a.subarray(0, this.rank * inputWidth),
      dB: this.b.subarray(0, this.rank * outputWidth),
      sum: new Float32Array(1),
    };
  }

  importance({ projection, importance }: Target): Feeds {
    const { inputWidth, outputWidth } = projection;
    if (importance === null) {
      return { u: this.ones.subarray(0, outputWidth), v: this.ones.subarray(0, inputWidth) };
    }
    if (importance.kind === "factored") return { u: importance.rows, v: this.relative(importance) };
    this.opened ??= createKernels(6 * this.widest);
    const { memory, kernels } = this.opened;
    new Uint16Array(memory.buffer, 4 * this.widest).set(importance.bits);
    const count = inputWidth * outputWidth;
    kernels.widenBrain(4 * this.widest, 0, 4 * Math.ceil(count / 8) * 8);
    return { F: new Float32Array(memory.buffer, 0, count) };
  }

  /** Column means divided by their mean. */
  private relative(importance: FisherTensor & { readonly kind: "factored" }): Float32Array {
    const known = this.columns.get(importance);
    if (known) return known;
    const { columns } = importance;
    const middle = mean(columns);
    const relative = columns.map((value) => (middle > 0 ? value / middle : 0));
    this.columns.set(importance, relative);
    return relative;
  }
}
