/** @file Forgetting during a run: the base model first, a small sample at each evaluation, everything at the end. */

import type { ExecutionEvent, ForgettingPoint, ModelFigures, ResultMeasurements } from "@tunewise/core/run";
import type { Tokenizer } from "@tunewise/engine/tokenize";
import type { RunFolder } from "@tunewise/tracker";
import type { ForgettingPrompts } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import {
  type FigureInput,
  type MeasuredModel,
  type ModelPair,
  measureFigures,
  pointOf,
  readBaseFigures,
  writeForgetting,
} from "../../scoring/index.ts";
import { withinLimit } from "./within-limit.ts";

/** Inputs of the monitor. */
export interface MonitorNeeds {
  readonly models: ModelPair;
  readonly tokenizer: Tokenizer;
  readonly material: ForgettingPrompts;
  readonly recipe: Recipe;
  readonly folder: Pick<RunFolder, "forgetting">;
  readonly signal: AbortSignal;
  readonly elapsedSeconds: () => number;
  /** Until the first cap. */
  readonly secondsLeft: () => number;
}

/** What the monitor reports. */
export type MonitorEvent = Extract<
  ExecutionEvent,
  { readonly kind: "work-start" | "phase" | "forgetting-base" | "forgetting-measured" }
>;

/** Receives what the monitor reports. */
export type Report = (event: MonitorEvent) => Promise<void>;

/** The base model may take so much of what the caps leave, before anything is trained. */
const baseShareOfCap = 0.1;

/** Measures forgetting during one run. Without figures of the base model nothing can be compared. */
export class ForgettingMonitor {
  private readonly needs: MonitorNeeds;
  private readonly points: ForgettingPoint[];
  private base: ModelFigures | null = null;

  /** @param curve measurements of earlier sessions */
  constructor(needs: MonitorNeeds, curve: readonly ForgettingPoint[]) {
    this.needs = needs;
    this.points = [...curve];
  }

  /** Measurements so far, of all sessions. */
  get curve(): readonly ForgettingPoint[] {
    return this.points;
  }

  /** Measures the base model, or reads what an earlier session measured. */
  async begin(report: Report): Promise<void> {
    const { folder, material, signal, elapsedSeconds } = this.needs;
    this.base = await readBaseFigures(folder, material);
    if (this.base !== null) return;
    this.points.length = 0; // they were compared with figures that are gone
    const start = elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: true });
    this.base = await this.within(report, baseShareOfCap * this.needs.secondsLeft(), (asking) =>
      measureFigures(asking("forgetting: base model", this.needs.models.base), material),
    );
    const wallSeconds = elapsedSeconds() - start;
    await report({ kind: "work-start", work: "train", isBooked: true });
    if (this.base !== null) await writeForgetting(folder, material, { base: this.base, end: null });
    const isCapped = this.base === null && !signal.aborted;
    const unmeasured = isCapped ? "asking the base model would have taken too much of the cap" : null;
    await report({ kind: "forgetting-base", wallSeconds, unmeasured });
  }

  /** Drops measurements after a step that the run returns to. */
  rewind(step: number): void {
    this.points.splice(0, Number.POSITIVE_INFINITY, ...this.points.filter((point) => point.step <= step));
  }

  /** Measures the sample, unless there is nothing to compare with. */
  async measureSample(step: number, report: Report): Promise<void> {
    // a sample is short: it is measured to its end where the run is interrupted, which then stops at its next step
    const { signal: _, ...needs } = this.needs;
    const { material, elapsedSeconds, models, recipe } = needs;
    if (this.base === null) return;
    const start = elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: false });
    const sample = sampleOf(material);
    const tuned = await measureFigures({ ...needs, model: models.tuned, maxNewTokens: 0 }, sample);
    const prompts = await models.divergence(sample.prompts);
    const base = sampleFigures(this.base, material);
    const point = pointOf(step, sample, base, tuned, prompts, recipe.training.seed);
    this.points.push(point);
    await report({ kind: "forgetting-measured", ...point, wallSeconds: elapsedSeconds() - start });
    await report({ kind: "work-start", work: "train", isBooked: false });
  }

  /** Measures the result on all data; `null` without figures of the base, or if a cap or a stop came first. */
  async end(report: Report): Promise<ResultMeasurements["forgetting"]> {
    const { material, elapsedSeconds, models } = this.needs;
    const { base } = this;
    if (base === null) return null;
    const start = elapsedSeconds();
    await report({ kind: "work-start", work: "forgetting", isBooked: true });
    return this.within(report, this.needs.secondsLeft(), async (asking, signal) => ({
      base,
      tuned: await measureFigures(asking("forgetting: tuned model", models.tuned), material),
      prompts: await models.divergence(material.prompts, signal),
      wallSeconds: elapsedSeconds() - start,
    }));
  }

  /** Work that ends, with `null`, when the time is up or the execution is stopped. */
  private within<Result>(
    report: Report,
    seconds: number,
    work: (
      asking: (name: string, model: MeasuredModel) => FigureInput,
      signal: AbortSignal,
    ) => Promise<Result>,
  ): Promise<Result | null> {
    const { elapsedSeconds, recipe, signal: stopped } = this.needs;
    return withinLimit({ seconds, signal: stopped, elapsedSeconds }, (signal, look) => {
      const asking = (name: string, model: MeasuredModel): FigureInput => ({
        ...this.needs,
        model,
        maxNewTokens: recipe.forgetting.maxNewTokens,
        signal,
        onProgress: (done, total) => {
          look();
          void report({ kind: "phase", name, done, total });
        },
      });
      return work(asking, signal);
    });
  }
}

/** The part of the data that is measured during training; regression prompts are not answered in between. */
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
