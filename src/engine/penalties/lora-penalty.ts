/**
 * @file The penalty of LoRA: on the update s B A that is added to a frozen matrix, by small programs.
 *
 *     F whole:     D = s B A      G = F D      dB = s G A^T      dA = s B^T G      sum = <G, D>
 *     F = u v^T:   M = B^T diag(u) B, N = A diag(v) A^T, both [R, R]
 *                  dB = s^2 diag(u) B N      dA = s^2 M A diag(v)      sum = s^2 <M, N>
 *
 * The second never makes a matrix as large as the weight; a plain pull is its case u = v = 1.
 */
import type { LoraAdapter } from "../adapters/lora.ts";
import { gemm, multiply, reduce, scale } from "../graph/build.ts";
import { Graph } from "../graph/graph.ts";
import { createKernels, type KernelMemory, type Kernels } from "../kernels/kernels.ts";
import { type Projection, projections } from "../models/architecture.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import { addScaled } from "../pass/add-into.ts";
import type { LoadedModel } from "../pass/loaded-model.ts";
import type { Gradients } from "../pass/train-pass.ts";
import type { Feeds, Session } from "../runtime/session.ts";
import type { FisherTensor } from "./fisher.ts";
import type { Penalty, PenaltySettings } from "./settings.ts";

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
      .filter(({ name }) => targets.includes(name))
      .map(
        (projection): Target => ({
          layer,
          projection,
          importance: importanceOf(settings, layer, projection),
        }),
      ),
  ).flat();
  const sessions = new Map<string, Session>();
  const sessionFor = async ({ projection, importance }: Target): Promise<Session> => {
    const { inputWidth, outputWidth } = projection;
    const key = `${importance?.kind === "full"} ${inputWidth} ${outputWidth}`;
    const build = importance?.kind === "full" ? wholeProgram : factoredProgram;
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
        addScaled(gradients.layers[layer]?.[a] as Float32Array, outputs.dA, factor);
        addScaled(gradients.layers[layer]?.[b] as Float32Array, outputs.dB, factor);
      }
      return (settings.lambda / 2) * sum;
    },
    close: async () => {
      for (const session of sessions.values()) await session.close();
    },
  };
}

function importanceOf(settings: PenaltySettings, layer: number, { path }: Projection): FisherTensor | null {
  if (settings.kind === "l2-sp") return null;
  const tensor = settings.fisher.tensors.get(`model.layers.${layer}.${path}.weight`);
  if (!tensor) throw new Error(`Internal: the Fisher lacks layer ${layer}, ${path}`);
  return tensor;
}

function wholeProgram(outputWidth: number, inputWidth: number, rank: number, scaling: number): Program {
  const graph = new Graph();
  const a = graph.input("A", [rank, inputWidth]);
  const b = graph.input("B", [outputWidth, rank]);
  const f = graph.input("F", [outputWidth, inputWidth]);
  const d = gemm(b, a, { alpha: scaling });
  const g = multiply(f, d);
  return cutProgram(
    new Map([
      ["dA", gemm(b, g, { transposeA: true, alpha: scaling })],
      ["dB", gemm(g, a, { transposeB: true, alpha: scaling })],
      ["sum", reduce("sum", reduce("sum", multiply(g, d), 1), 0)],
    ]),
  );
}

function factoredProgram(outputWidth: number, inputWidth: number, rank: number, scaling: number): Program {
  const graph = new Graph();
  const a = graph.input("A", [rank, inputWidth]);
  const b = graph.input("B", [outputWidth, rank]);
  const weightedB = multiply(b, graph.input("u", [outputWidth, 1]));
  const weightedA = multiply(a, graph.input("v", [1, inputWidth]));
  const m = gemm(weightedB, b, { transposeA: true, alpha: scaling * scaling });
  const n = gemm(weightedA, a, { transposeB: true, alpha: scaling * scaling });
  return cutProgram(
    new Map([
      ["dA", gemm(m, weightedA)],
      ["dB", gemm(weightedB, n)],
      // both factors hold the square of the scaling, the sum needs it once
      ["sum", scale(reduce("sum", reduce("sum", multiply(m, n), 1), 0), 1 / scaling ** 2)],
    ]),
  );
}

/** Arrays that are used again for each matrix. */
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
    // whole blocks of what the kernel widens at once
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

  /** Column means over the mean of all. */
  private relative(importance: FisherTensor & { readonly kind: "factored" }): Float32Array {
    const known = this.columns.get(importance);
    if (known) return known;
    const { columns } = importance;
    const mean = columns.reduce((sum, value) => sum + value, 0) / columns.length;
    const relative = columns.map((value) => (mean > 0 ? value / mean : 0));
    this.columns.set(importance, relative);
    return relative;
  }
}
