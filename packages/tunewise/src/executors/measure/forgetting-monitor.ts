/** @file Measures forgetting during a run: the base model first, a small sample at evaluations, all data at the end. */

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
  /** Seconds until the first cap. */
  readonly secondsLeft: () => number;
}

/** Events of the monitor. */
export type MonitorEvent = Extract<
  ExecutionEvent,
  { readonly kind: "work-start" | "phase" | "forgetting-base" | "forgetting-measured" }
>;

/** Receives the monitor's events. */
export type Report = (event: MonitorEvent) => Promise<void>;

/** Maximum share of the time before the first cap that measuring the base model may take. */
const baseShareOfCap = 0.1;

/** Measures forgetting during one run. Without results of the base model, it measures nothing else. */
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

  /** Measures the base model, or reads the results of an earlier session. */
  async begin(report: Report): Promise<void> {
    const { folder, material, signal, elapsedSeconds } = this.needs;
    this.base = await readBaseFigures(folder, material);
    if (this.base !== null) return;
    this.points.length = 0; // they were compared with results that are missing now
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

  /** Drops the measurements after the step that a run rolls back to. */
  rewind(step: number): void {
    this.points.splice(0, Number.POSITIVE_INFINITY, ...this.points.filter((point) => point.step <= step));
  }

  /** Measures the sample, unless the base model was not measured. */
  async measureSample(step: number, report: Report): Promise<void> {
    // A sample is short, so an interrupt does not abort it; the run stops at its next step instead.
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

  /** Measures the result on all data; `null` without results of the base model, or after a cap or a stop. */
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

  /** Runs work until the time is up or the execution is stopped, and then returns `null`. */
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

/** The part of the data that is measured during training. It excludes regression prompts. */
function sampleOf(material: ForgettingPrompts): ForgettingPrompts {
  const { texts, choices, prompts, sample } = material;
  const part = <Item>(items: readonly Item[], indices: readonly number[]): Item[] =>
    indices.flatMap((at) => items[at] ?? []);
  return {
    ...material,
    texts: part(texts, sample.texts),
    choices: part(choices, sample.choices),
    prompts: part(prompts, sample.prompts),
    regressionPrompts: [],
  };
}

function sampleFigures({ texts, choices }: ModelFigures, { sample }: ForgettingPrompts): ModelFigures {
  return {
    texts: sample.texts.flatMap((at) => texts[at] ?? []),
    choices: sample.choices.map((at) => choices[at] ?? []),
    answers: [],
  };
}
