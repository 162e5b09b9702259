/**
 * @file The programs of one model, made when first needed and kept by layout and adapter.
 */
import { differentiate } from "../gradient/differentiate.ts";
import type { Value } from "../graph/value.ts";
import { cutProgram, type Program } from "../onnx/program.ts";
import type { Port } from "../onnx/writer.ts";
import { createSession, type RuntimeOptions, type Session } from "../runtime/session.ts";
import type { Architecture } from "./architecture.ts";
import { buildHead } from "./head.ts";
import { buildLayer, type LoraShape, weightsPrefix } from "./layer.ts";
import type { Layout } from "./layout.ts";

/** What is kept of a layer between forward and backward: dear values and attention's weights, the former, its input. */
export type Keeping = "weights" | "values" | "input";

/** A layer's forward and backward programs that agree on what is kept. */
export interface LayerPair {
  readonly forward: Session;
  readonly backward: Session;
  /** Outputs of `forward` that are inputs of `backward`. */
  readonly kept: readonly Port[];
}

/** Prefix of the ports of kept values. */
const keptPrefix = "kept.";

/** Makes and keeps the programs of a model. */
export class ModelPrograms {
  private readonly model: Architecture;
  private readonly options: RuntimeOptions;
  private readonly made = new Map<string, Promise<unknown>>();
  private readonly sessions: Session[] = [];

  constructor(model: Architecture, options: RuntimeOptions) {
    this.model = model;
    this.options = options;
  }

  /** Forward alone: `x` to `y`, and the layer's own keys and values for a cache. */
  forward(layout: Layout, lora: LoraShape | null): Promise<Session> {
    return this.once(`forward ${JSON.stringify([layout, lora])}`, () => {
      const { y, key, value } = buildLayer(this.model, layout, lora);
      return this.load(cutProgram(new Map(Object.entries({ y, key, value }))));
    });
  }

  /** Forward that keeps, and the backward that uses it: `gy` to `gx` and `g.<adapter>`. */
  pair(layout: Layout, lora: LoraShape, keeping: Keeping): Promise<LayerPair> {
    return this.once(`pair ${keeping} ${JSON.stringify([layout, lora])}`, async () => {
      const { backward, forward, kept } = pairPrograms(this.model, layout, lora, keeping);
      return { forward: await this.load(forward), backward: await this.load(backward), kept };
    });
  }

  /** Head for losses: `x` `[C, D]` to `nll`, and `gx` where the gradient is wanted. */
  head(kind: "loss" | "gradient" | "logits"): Promise<Session> {
    return this.once(`head ${kind}`, () => {
      const head = buildHead(this.model);
      const outputs = new Map<string, Value>(
        kind === "logits" ? [["logits", head.logits]] : [["nll", head.nll]],
      );
      if (kind === "gradient") {
        const seeds = new Map([[head.normed, head.normedGradient]]);
        outputs.set("gx", needed(differentiate(seeds, [head.x]).get(head.x)));
      }
      return this.load(cutProgram(outputs));
    });
  }

  /** Frees the native side. */
  async close(): Promise<void> {
    await Promise.all(this.sessions.splice(0).map((session) => session.close()));
    this.made.clear();
  }

  private async load(program: Program): Promise<Session> {
    const session = await createSession(program, this.options);
    this.sessions.push(session);
    return session;
  }

  private once<Made>(key: string, make: () => Promise<Made>): Promise<Made> {
    const known = this.made.get(key);
    if (known) return known as Promise<Made>;
    const making = make();
    this.made.set(key, making);
    return making;
  }
}

/** The backward program decides what the forward program must keep: only what it asks for. */
function pairPrograms(
  model: Architecture,
  layout: Layout,
  lora: LoraShape,
  keeping: Keeping,
): { forward: Program; backward: Program; kept: LayerPair["kept"] } {
  const layer = buildLayer(model, layout, lora);
  const { graph, x, y, adapters, kept: candidates } = layer;
  const gy = graph.input("gy", y.shape);
  const gradients = differentiate(new Map([[y, gy]]), [x, ...adapters.values()]);
  const outputs = new Map([["gx", needed(gradients.get(x))]]);
  for (const [name, value] of adapters) outputs.set(`g.${name}`, needed(gradients.get(value)));
  const chosen = [...candidates].filter(
    ([name]) => keeping === "weights" || (keeping === "values" && !name.startsWith(weightsPrefix)),
  );
  const given = new Map(chosen.map(([name, value]) => [keptPrefix + name, value] as const));
  const backward = cutProgram(outputs, given);
  const kept = backward.inputs.filter(({ name }) => name.startsWith(keptPrefix));
  const forward = cutProgram(
    new Map([["y", y], ...kept.map(({ name }) => [name, needed(given.get(name))] as const)]),
  );
  return { forward, backward, kept };
}

function needed<Item>(item: Item | undefined): Item {
  if (item === undefined) throw new Error("Internal: a gradient that should exist does not");
  return item;
}
