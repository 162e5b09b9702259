/** @file Forgetting through a run: the base model first, a small sample at each look, everything at the end. */
import type { Tokenizer } from "../../dataset/index.ts";
import type { Adapter } from "../../engine/index.ts";
import type { ForgettingPrompts } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { ExecutionEvent, ForgettingPoint, ModelFigures } from "../../run/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type AskedModel,
  type FigureInput,
  type ForgettingOutcome,
  measureDivergence,
  measureFigures,
  outcomeOf,
  pointOf,
  pointOfOutcome,
  readBaseFigures,
  writeForgetting,
} from "../../scoring/index.ts";
import type { RunFolder } from "../../track/index.ts";

/** What a watch needs of a sitting. */
export interface MonitorNeeds {
  readonly model: AskedModel;
  readonly adapter: Adapter;
  readonly tokenizer: Tokenizer;
  readonly material: ForgettingPrompts;
  readonly recipe: Recipe;
  readonly folder: Pick<RunFolder, "forgetting">;
  readonly runtime: Pick<Runtime, "signal" | "elapsedSeconds">;
  /** Until the first cap. */
  readonly secondsLeft: () => number;
}

/** What the monitor reports. */
export type MonitorEvent = Extract<
  ExecutionEvent,
  { readonly kind: "work-start" | "phase" | "forgetting-measured" | "forgetting-judged" }
>;

/** Receives what the monitor reports. */
export type Report = (event: MonitorEvent) => Promise<void>;

/** The base model may take so much of what the caps leave, before anything is trained. */
const baseShareOfCap = 0.1;

/** One run's eye on what it forgets. Without figures of the base model it sees nothing, and says why. */
export class ForgettingMonitor {
  /** Why nothing is measured; `null`: all is well so far. */
  unmeasuredReason: string | null = null;
  /** Seconds of the latest look, and of asking everything once. */
  lookSeconds = 0;
  wholeSeconds = 0;
  private readonly needs: MonitorNeeds;
  private readonly points: ForgettingPoint[];
  private base: ModelFigures | null = null;

  /** @param curve looks of earlier sittings */
  constructor(needs: MonitorNeeds, curve: readonly ForgettingPoint[]) {
    this.needs = needs;
    this.points = [...curve];
  }

  /** Looks so far, of all sittings. */
  get curve(): readonly ForgettingPoint[] {
    return this.points;
  }

  /** Asks the base model, or reads what it said in an earlier sitting. An abort by the user leaves it unasked. */
  async begin(report: Report): Promise<void> {
    const { folder, material, runtime } = this.needs;
    this.base = await readBaseFigures(folder, material);
    if (this.base !== null) return;
    this.points.length = 0; // looks were against figures that are not there any more
    const start = runtime.elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: true });
    this.base = await this.within(report, baseShareOfCap * this.needs.secondsLeft(), (asking) =>
      measureFigures(asking("forgetting: base model"), null, material),
    );
    this.wholeSeconds = runtime.elapsedSeconds() - start;
    await report({ kind: "work-start", work: "train", isBooked: true });
    if (this.base !== null) await writeForgetting(folder, material, { base: this.base, end: null });
    else if (!runtime.signal.aborted)
      this.unmeasuredReason = "asking the base model would have taken too much of the cap";
  }

  /** Forgets looks after a step that the run goes back to. */
  rewind(step: number): void {
    this.points.splice(0, Number.POSITIVE_INFINITY, ...this.points.filter((point) => point.step <= step));
  }

  /** A look at the sample; `null` where there is nothing to compare with. */
  async measureSample(step: number, report: Report): Promise<ForgettingPoint | null> {
    const { material, runtime, model, adapter, recipe } = this.needs;
    if (this.base === null) return null;
    const start = runtime.elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: false });
    const sample = sampleOf(material);
    const tuned = await measureFigures({ ...this.needs, maxNewTokens: 0 }, adapter, sample);
    const prompts = await measureDivergence(model, adapter, sample.prompts);
    const base = sampleFigures(this.base, material);
    const point = pointOf(step, sample, base, tuned, prompts, recipe.training.seed);
    this.points.push(point);
    this.lookSeconds = runtime.elapsedSeconds() - start;
    await report({ kind: "forgetting-measured", ...point, wallSeconds: this.lookSeconds });
    await report({ kind: "work-start", work: "train", isBooked: false });
    return point;
  }

  /** Asks the result everything and judges; `null`: not measured, and `blindness` says why. */
  async end(step: number, report: Report): Promise<ForgettingOutcome | null> {
    const { material, runtime, model, adapter, recipe, folder } = this.needs;
    const { base } = this;
    if (base === null) return null;
    const start = runtime.elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: true });
    const found = await this.within(report, this.needs.secondsLeft(), async (asking, signal) => ({
      tuned: await measureFigures(asking("forgetting: tuned model"), adapter, material),
      prompts: await measureDivergence(model, adapter, material.prompts, signal),
    }));
    if (found === null) {
      this.unmeasuredReason = "a cap or an interrupt came first";
      return null;
    }
    const outcome = outcomeOf(material, base, found.tuned, found.prompts, recipe);
    await writeForgetting(folder, material, { base, end: { step, ...found, outcome, curve: this.points } });
    const { verdict, sentence } = outcome.judgement;
    const wallSeconds = runtime.elapsedSeconds() - start;
    const point = pointOfOutcome(step, outcome);
    await report({ kind: "forgetting-judged", ...point, verdict, sentence, wallSeconds });
    return outcome;
  }

  /** Work that ends, with `null`, where the time is up or the user aborts. */
  private async within<Result>(
    report: Report,
    seconds: number,
    work: (asking: (name: string) => FigureInput, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result | null> {
    const { runtime, recipe } = this.needs;
    const start = runtime.elapsedSeconds();
    const cap = new AbortController();
    const signal = AbortSignal.any([runtime.signal, cap.signal]);
    const asking = (name: string): FigureInput => ({
      ...this.needs,
      maxNewTokens: recipe.forgetting.maxNewTokens,
      signal,
      onProgress: (done, total) => {
        if (runtime.elapsedSeconds() - start > seconds) cap.abort();
        void report({ kind: "phase", name, done, total });
      },
    });
    try {
      return seconds > 0 ? await work(asking, signal) : null;
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }
}

/** The part of the material that a look takes; prompts that must still work are not answered in between. */
function sampleOf(material: ForgettingPrompts): ForgettingPrompts {
  const { texts, choices, prompts, sample } = material;
  const part = <Item>(items: readonly Item[], indices: readonly number[]): Item[] =>
    indices.flatMap((at) => items[at] ?? []);
  return {
    ...material,
    texts: part(texts, sample.texts),
    choices: part(choices, sample.choices),
    prompts: part(prompts, sample.prompts),
    musts: [],
  };
}

function sampleFigures({ texts, choices }: ModelFigures, { sample }: ForgettingPrompts): ModelFigures {
  return {
    texts: sample.texts.flatMap((at) => texts[at] ?? []),
    choices: sample.choices.map((at) => choices[at] ?? []),
    answers: [],
  };
}
