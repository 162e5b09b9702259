/** @file The programs of one model, created on demand and cached by layout and adapter. */
import { differentiate } from "../gradient/differentiate.ts";
import type { Value } from "../graph/value.ts";
import type { MatrixFormat } from "../jit/operator-kinds.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import type { Port } from "../onnx/writer.ts";
import { createSession, type RuntimeOptions, type Session } from "../runtime/session.ts";
import type { Architecture } from "./architecture.ts";
import { buildHead, type HeadGraph } from "./head.ts";
import { buildLayer, type TunedShape, weightsPrefix } from "./layer.ts";
import type { Layout } from "./layout.ts";
import type { MatrixInputs } from "./matrix-format.ts";
import { momentOutputs } from "./moments.ts";
import { ProgramCache } from "./program-cache.ts";
import { squareSums } from "./squares.ts";

/**
 * Activation policy of a layer: retain expensive activations and attention weights, only the former, or only the
 * layer's input and recompute the rest (gradient checkpointing).
 */
export type ActivationPolicy = "weights" | "values" | "input";

/**
 * Outputs of a head program: losses; also the gradient of the hidden states; also the gradients of norm and table; or
 * only logits. A training loss whose factors depend on the losses takes two passes if norm or table are trained:
 * `first-pass` has the outputs of `loss`, `second-pass` those of `train`, multiplied by each label's factor.
 */
export type HeadKind = "loss" | "gradient" | "train" | "logits" | "first-pass" | "second-pass";

/** Head programs that are cached as one group, because every training step runs both. */
const twoPasses: readonly HeadKind[] = ["first-pass", "second-pass"];

/** A layer's forward and backward programs, which agree on the retained activations. */
export interface LayerPair {
  readonly forward: Session;
  readonly backward: Session;
  /** Outputs of `forward` that are inputs of `backward`. */
  readonly kept: readonly Port[];
}

/** Port name prefix of retained activations. */
const keptPrefix = "kept.";

/** Port name prefix of retained attention weights. */
export const keptWeightsPrefix: string = keptPrefix + weightsPrefix;

/**
 * Layouts whose programs are cached, separately for training and evaluation. A program retains the memory of its
 * largest run, and is recreated in less than a tenth of a second.
 */
const layoutsKept = 3;

/** Options of a model's programs. */
export interface ProgramOptions extends RuntimeOptions {
  /** Format of frozen matrices; for float32 products by default. */
  readonly matrices?: MatrixInputs;
}

/** Creates the programs of a model and caches those of the most recent layouts. */
export class ModelPrograms {
  private readonly model: Architecture;
  private readonly options: ProgramOptions;
  /** Caches one group of heads at a time: each retains arrays as wide as the vocabulary, and switching is rare. */
  private readonly heads = new ProgramCache(1);
  private readonly forwards = new ProgramCache(layoutsKept);
  private readonly pairs = new ProgramCache(layoutsKept);

  constructor(model: Architecture, options: ProgramOptions) {
    this.model = model;
    this.options = options;
  }

  /** Forward only: `x` to `y`, and the layer's own keys and values for a KV cache. */
  async forward(layout: Layout, tuned: TunedShape | null): Promise<Session> {
    const [session] = await this.forwards.get(JSON.stringify(layout), JSON.stringify(tuned), async () => {
      const { y, key, value } = buildLayer(this.model, layout, tuned, this.options.matrices);
      return [await this.load(cutProgram(new Map(Object.entries({ y, key, value }))))];
    });
    return session as Session;
  }

  /** Forward to `y`, with the second moments of the projections' inputs; see `momentOutputs`. */
  async moments(layout: Layout): Promise<Session> {
    const [session] = await this.forwards.get(JSON.stringify(layout), "moments", async () => {
      const { y, inputs } = buildLayer(this.model, layout, null, this.options.matrices);
      return [await this.load(cutProgram(new Map([["y", y], ...momentOutputs(this.model, inputs)])))];
    });
    return session as Session;
  }

  /**
   * The forward program that retains activations, and the backward program that uses them: from `gy` to `gx` and
   * `g.<trained>`, or to sums of its squares.
   */
  async pair(layout: Layout, tuned: TunedShape, policy: ActivationPolicy): Promise<LayerPair> {
    const about = `${policy} ${JSON.stringify(tuned)}`;
    const [forward, backward] = await this.pairs.get(JSON.stringify(layout), about, async () => {
      const programs = pairPrograms(this.model, layout, tuned, policy, this.options.matrices);
      return [await this.load(programs.forward), await this.load(programs.backward)];
    });
    if (!forward || !backward) throw new Error("Internal: a pair is not two");
    return { forward, backward, kept: keptPorts(backward.program) };
  }

  /**
   * Head for losses: `x` `[C, D]` to `nll`. `gradient` also returns `gx`, and `train` the parts of the weights' own
   * gradients.
   */
  async head(kind: HeadKind, table: MatrixFormat): Promise<Session> {
    const [session] = await this.heads.get(headGroup(kind), `${kind} ${table}`, async () => {
      const head = buildHead(this.model, this.options.matrices, table, kind === "second-pass");
      return [await this.load(cutProgram(headOutputs(head, kind)))];
    });
    return session as Session;
  }

  /** Closes programs that only evaluation needs. */
  async closeEvaluation(): Promise<void> {
    await this.forwards.clear();
    await this.heads.drop("loss");
    await this.heads.drop("logits");
  }

  /** Closes programs that only training needs, which frees the memory of its largest batch. */
  async closeTraining(): Promise<void> {
    await this.pairs.clear();
    for (const kind of ["gradient", "train", "first-pass"] as const) await this.heads.drop(headGroup(kind));
  }

  /** Frees the native runtime. */
  async close(): Promise<void> {
    for (const shelf of [this.heads, this.forwards, this.pairs]) await shelf.clear();
  }

  /** Loads a program that is not part of a model; the caller closes it. */
  load(program: Program): Promise<Session> {
    return createSession(program, this.options);
  }
}

function headGroup(kind: HeadKind): string {
  return twoPasses.includes(kind) ? "two passes" : kind;
}

function headOutputs(head: HeadGraph, kind: HeadKind): Map<string, Value> {
  if (kind === "logits") return new Map([["logits", head.logits]]);
  const outputs = new Map<string, Value>([["nll", head.nll]]);
  if (kind === "loss" || kind === "first-pass") return outputs;
  const seeds = new Map([[head.normed, head.normedGradient]]);
  const gradients = differentiate(seeds, [head.x, head.norm, ...(head.normBias ? [head.normBias] : [])]);
  outputs.set("gx", needed(gradients.get(head.x)));
  if (kind === "gradient") return outputs;
  outputs.set("g.norm.weight", needed(gradients.get(head.norm)));
  if (head.normBias) outputs.set("g.norm.bias", needed(gradients.get(head.normBias)));
  outputs.set("g.head.pull", head.tableGradient);
  outputs.set("g.head.push", head.labelGradient);
  return outputs;
}

/** The backward program determines what the forward program retains: only what it uses. */
function pairPrograms(
  model: Architecture,
  layout: Layout,
  tuned: TunedShape,
  policy: ActivationPolicy,
  matrices: MatrixInputs | undefined,
): { forward: Program; backward: Program } {
  const layer = buildLayer(model, layout, tuned, matrices);
  const { graph, x, y, trained, kept: candidates } = layer;
  const gy = graph.input("gy", y.shape);
  const gradients = differentiate(new Map([[y, gy]]), [x, ...trained.values()]);
  const outputs = new Map([["gx", needed(gradients.get(x))]]);
  for (const [name, value] of trained) {
    const gradient = needed(gradients.get(value));
    const squares = tuned.kind === "full" && value.shape.length > 1 ? tuned.squares : undefined;
    const sums = squares ? squareSums(gradient, squares) : null;
    if (sums) for (const [part, sum] of Object.entries(sums)) outputs.set(`g.${name}.${part}`, sum);
    else outputs.set(`g.${name}`, gradient);
  }
  const chosen = [...candidates].filter(
    ([name]) => policy === "weights" || (policy === "values" && !name.startsWith(weightsPrefix)),
  );
  const given = new Map(chosen.map(([name, value]) => [keptPrefix + name, value] as const));
  const backward = cutProgram(outputs, given);
  const kept = keptPorts(backward);
  const forward = cutProgram(
    new Map([["y", y], ...kept.map(({ name }) => [name, needed(given.get(name))] as const)]),
  );
  return { forward, backward };
}

function keptPorts(backward: Program): Port[] {
  return backward.inputs.filter(({ name }) => name.startsWith(keptPrefix));
}

function needed<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("Internal: a gradient that should exist does not");
  return item;
}
