/** @file Recorded runs, and what the guards of a training loop report when they see them step by step. */
import { readFileSync } from "node:fs";
import { CurveGuards } from "../../packages/tunewise/src/app/train/curve-guards.ts";
import type { CurveGuard } from "../../packages/tunewise/src/guard/index.ts";

/** One line of a file written by bench/guards/record.mjs, whose header explains the terms. */
export interface Recording {
  readonly task: string;
  readonly setting: string;
  readonly seed: number;
  readonly steps: number;
  /** Share of all steps. */
  readonly warmup: number;
  readonly rate: number;
  readonly schedule: "constant" | "cosine";
  readonly clip: number;
  /** The step whose loss was not a number; `null`: none. */
  readonly broken: number | null;
  readonly train: readonly number[];
  /** Of every fifth step, starting with the first. */
  readonly norms: readonly number[];
  readonly ratios: readonly number[];
  readonly validation: readonly (readonly [step: number, loss: number | null])[];
}

/** The course of a run, as defined in the header of bench/guards/record.mjs. */
export type Course = "good" | "bad" | "past-best";

/** A finding of a guard. */
export interface Finding {
  readonly step: number;
  readonly guard: CurveGuard;
  readonly isHint: boolean;
  readonly sentence: string;
}

/** A recording and its target: the loss of the baseline or of another run, and that run's curve. */
export interface Recorded extends Recording {
  readonly baseline: number;
  readonly course: readonly { readonly step: number; readonly loss: number }[];
}

/** All recordings of a file except baselines. */
export function readRecordings(path: string): Recorded[] {
  const all = readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Recording);
  const baselines = new Map(
    all.filter(({ setting }) => setting === "baseline").map((run) => [run.task, run]),
  );
  return all
    .filter(({ setting }) => setting !== "baseline")
    .map((run) => against(run, baselines.get(run.task)));
}

function against(run: Recording, other: Recording | undefined): Recorded {
  const looks = other?.validation ?? [];
  const course = looks.flatMap(([step, loss]) => (loss === null ? [] : [{ step, loss }]));
  return { ...run, baseline: other ? bestOf(other).loss : Number.NaN, course };
}

/** The same runs with a stronger target: the usual setting of their task, using the worse of the first two seeds. */
export function againstUsual(runs: readonly Recorded[], all: readonly Recorded[]): Recorded[] {
  const usual = all
    .filter(({ setting, seed }) => setting === "usual" && seed <= 2)
    .toSorted((a, b) => bestOf(b).loss - bestOf(a).loss);
  return runs.map((run) =>
    against(
      run,
      usual.find(({ task }) => task === run.task),
    ),
  );
}

/** The same runs with evaluations only every n-th step. */
export function withLooksEvery(runs: readonly Recorded[], steps: number): Recorded[] {
  return runs.map((run) => ({ ...run, validation: run.validation.filter(([step]) => step % steps === 0) }));
}

/** The evaluation with the lowest validation loss. */
export function bestOf({ validation }: Recording): { readonly step: number; readonly loss: number } {
  let best = { step: 0, loss: Number.POSITIVE_INFINITY };
  for (const [step, loss] of validation) if (loss !== null && loss < best.loss) best = { step, loss };
  return best;
}

/** Classifies a run. */
export function courseOf(run: Recorded): Course {
  const best = bestOf(run).loss;
  const last = run.validation.at(-1)?.[1] ?? Number.POSITIVE_INFINITY;
  if (run.broken !== null || best >= run.baseline) return "bad";
  return last <= 1.05 * best ? "good" : "past-best";
}

/** All findings of guards in a run that continues regardless. */
export function replay(run: Recorded): Finding[] {
  const guards = new CurveGuards(
    {
      steps: run.steps,
      stepsPerEpoch: 40,
      warmupSteps: Math.ceil(run.warmup * run.steps),
      loss: "nll",
      learningRate: run.rate,
      schedule: run.schedule,
      maxGradNorm: run.clip,
      vocabulary: 1200, // vocabulary size of the small model, which made all recordings
      target: { loss: run.baseline, of: "another run", curve: run.course },
    },
    { train: [], validation: [] },
  );
  const looks = new Map(run.validation);
  const found: Finding[] = [];
  const length = run.broken ?? run.train.length;
  for (let step = 1; step <= length; step++) {
    const isBroken = step === run.broken;
    const spoken = guards.afterStep({
      step,
      loss: isBroken ? Number.NaN : (run.train[step - 1] ?? Number.NaN),
      gradientNorm: isBroken ? Number.NaN : (run.norms[Math.floor((step - 1) / 5)] ?? Number.NaN),
      updateRatio: run.ratios[Math.floor((step - 1) / 5)] ?? 0,
    });
    const look = looks.get(step);
    if (look !== undefined && !isBroken) spoken.push(...guards.afterEvaluation(step, look ?? Number.NaN));
    found.push(...spoken.map(({ guard, isHint, sentence }) => ({ step, guard, isHint, sentence })));
  }
  return found;
}

/** The first finding for which one of the guards would stop the run. */
export function firstStop(found: readonly Finding[], guards: readonly CurveGuard[]): Finding | null {
  return found.find(({ guard, isHint }) => !isHint && guards.includes(guard)) ?? null;
}

/** Results of the guards by course of the runs. */
export interface Account {
  readonly bad: number;
  readonly badStopped: number;
  readonly good: number;
  readonly goodStopped: number;
  /** Number of good and past-best runs stopped before their best step. */
  readonly robbed: number;
  readonly pastBest: number;
  /**
   * Bad runs stopped too late or not at all, good runs that were stopped, and past-best runs stopped before their best
   * step.
   */
  readonly wrong: readonly string[];
  /** Share of the steps of bad runs that stopping saved. */
  readonly savedShare: number;
}

/** A stop counts up to this share of a run's steps. */
export const soonShare = 0.35;

/** Evaluates the stops of these guards. */
export function accountOf(runs: readonly Recorded[], guards: readonly CurveGuard[]): Account {
  const judged = runs.map((run) => ({ run, course: courseOf(run), stop: firstStop(replay(run), guards) }));
  const of = (course: Course): typeof judged => judged.filter((one) => one.course === course);
  const isSoon = ({ run, stop }: (typeof judged)[number]): boolean =>
    stop !== null && stop.step <= soonShare * run.steps;
  const [bad, good, pastBest] = [of("bad"), of("good"), of("past-best")];
  const isRobbed = ({ run, stop }: (typeof judged)[number]): boolean =>
    stop !== null && stop.step < bestOf(run).step;
  const wrong = [
    ...bad.filter((one) => !isSoon(one)),
    ...good.filter(({ stop }) => stop),
    ...pastBest.filter(isRobbed),
  ];
  const made = bad.reduce((sum, { run, stop }) => sum + (stop?.step ?? run.train.length), 0);
  const all = bad.reduce((sum, { run }) => sum + run.steps, 0);
  return {
    bad: bad.length,
    good: good.length,
    pastBest: pastBest.length,
    badStopped: bad.filter(isSoon).length,
    goodStopped: good.filter(({ stop }) => stop).length,
    robbed: [...good, ...pastBest].filter(isRobbed).length,
    wrong: wrong.map(
      ({ run, course, stop }) =>
        `${course}: ${run.task}, ${run.setting}, ${stop?.guard ?? "no stop"} ${stop?.step ?? ""}`,
    ),
    savedShare: 1 - made / all,
  };
}
