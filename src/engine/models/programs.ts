/**
 * @file The programs of one model, made when first needed and kept by layout and adapter.
 */
import { differentiate } from "../gradient/differentiate.ts";
import type { Value } from "../graph/value.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import type { Port } from "../onnx/writer.ts";
import { createSession, type RuntimeOptions, type Session } from "../runtime/session.ts";
import type { Architecture } from "./architecture.ts";
import { buildHead, type HeadGraph } from "./head.ts";
import { buildLayer, type TunedShape, weightsPrefix } from "./layer.ts";
import type { Layout } from "./layout.ts";
import { momentOutputs } from "./moments.ts";
import { ProgramShelf } from "./program-shelf.ts";
import { squareSums } from "./squares.ts";

/** What is kept of a layer between forward and backward: dear values and attention's weights, the former, its input. */
export type Keeping = "weights" | "values" | "input";

/** What a head program gives: losses; the hidden states' gradient too; that of norm and table too; logits alone. */
export type HeadKind = "loss" | "gradient" | "train" | "logits";

/** A layer's forward and backward programs that agree on what is kept. */
export interface LayerPair {
  readonly forward: Session;
  readonly backward: Session;
  /** Outputs of `forward` that are inputs of `backward`. */
  readonly kept: readonly Port[];
}

/** Prefix of the ports of kept values. */
const keptPrefix = "kept.";

/** Names of ports of kept attention weights begin with it. */
export const keptWeightsPrefix: string = keptPrefix + weightsPrefix;

/**
 * Layouts whose programs are kept, of training and of judging each: a program holds the memory of its largest run
 * for the next one, and is made anew in less than a tenth of a second.
 */
const layoutsKept = 2;

/** Makes the programs of a model and keeps those of the last layouts. */
export class ModelPrograms {
  private readonly model: Architecture;
  private readonly options: RuntimeOptions;
  /** One at a time: each holds arrays as wide as the vocabulary, and changing it is rare. */
  private readonly heads = new ProgramShelf(1);
  private readonly forwards = new ProgramShelf(layoutsKept);
  private readonly pairs = new ProgramShelf(layoutsKept);

  constructor(model: Architecture, options: RuntimeOptions) {
    this.model = model;
    this.options = options;
  }

  /** Forward alone: `x` to `y`, and the layer's own keys and values for a cache. */
  async forward(layout: Layout, tuned: TunedShape | null): Promise<Session> {
    const [session] = await this.forwards.get(JSON.stringify(layout), JSON.stringify(tuned), async () => {
      const { y, key, value } = buildLayer(this.model, layout, tuned);
      return [await this.load(cutProgram(new Map(Object.entries({ y, key, value }))))];
    });
    return session as Session;
  }

  /** Forward to `y`, with the sums of products of what the projections are given; see `momentOutputs`. */
  async moments(layout: Layout): Promise<Session> {
    const [session] = await this.forwards.get(JSON.stringify(layout), "moments", async () => {
      const { y, inputs } = buildLayer(this.model, layout, null);
      return [await this.load(cutProgram(new Map([["y", y], ...momentOutputs(this.model, inputs)])))];
    });
    return session as Session;
  }

  /** Forward that keeps, and the backward that uses it: `gy` to `gx` and `g.<trained>`, or sums of its squares. */
  async pair(layout: Layout, tuned: TunedShape, keeping: Keeping): Promise<LayerPair> {
    const about = `${keeping} ${JSON.stringify(tuned)}`;
    const [forward, backward] = await this.pairs.get(JSON.stringify(layout), about, async () => {
      const programs = pairPrograms(this.model, layout, tuned, keeping);
      return [await this.load(programs.forward), await this.load(programs.backward)];
    });
    if (!forward || !backward) throw new Error("Internal: a pair is not two");
    return { forward, backward, kept: keptPorts(backward.program) };
  }

  /**
   * Head for losses: `x` `[C, D]` to `nll`; `gradient` gives `gx` as well, and `train` what the weights' own gradients
   * are made of.
   */
  async head(kind: HeadKind): Promise<Session> {
    const [session] = await this.heads.get(kind, kind, async () => [
      await this.load(cutProgram(headOutputs(buildHead(this.model), kind))),
    ]);
    return session as Session;
  }

  /** Closes what only judging needs. */
  async closeJudging(): Promise<void> {
    await this.forwards.clear();
    await this.heads.drop("loss");
    await this.heads.drop("logits");
  }

  /** Closes what only training needs, and with it the memory of its largest batch. */
  async closeTraining(): Promise<void> {
    await this.pairs.clear();
    await this.heads.drop("gradient");
    await this.heads.drop("train");
  }

  /** Frees the native side. */
  async close(): Promise<void> {
    for (const shelf of [this.heads, this.forwards, this.pairs]) await shelf.clear();
  }

  /** A program that is no part of a model; whoever asks for it closes it. */
  load(program: Program): Promise<Session> {
    return createSession(program, this.options);
  }
}

function headOutputs(head: HeadGraph, kind: HeadKind): Map<string, Value> {
  if (kind === "logits") return new Map([["logits", head.logits]]);
  const outputs = new Map<string, Value>([["nll", head.nll]]);
  if (kind === "loss") return outputs;
  const seeds = new Map([[head.normed, head.normedGradient]]);
  const gradients = differentiate(seeds, [head.x, head.norm]);
  outputs.set("gx", needed(gradients.get(head.x)));
  if (kind === "gradient") return outputs;
  outputs.set("g.norm.weight", needed(gradients.get(head.norm)));
  outputs.set("g.head.pull", head.tablePull);
  outputs.set("g.head.push", head.tablePush);
  return outputs;
}

/** The backward program decides what the forward program must keep: only what it asks for. */
function pairPrograms(
  model: Architecture,
  layout: Layout,
  tuned: TunedShape,
  keeping: Keeping,
): { forward: Program; backward: Program } {
  const layer = buildLayer(model, layout, tuned);
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
    ([name]) => keeping === "weights" || (keeping === "values" && !name.startsWith(weightsPrefix)),
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
