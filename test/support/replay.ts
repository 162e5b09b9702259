/** @file Recorded runs, and what the guards that a training loop asks say when they are shown them step by step. */
import { readFileSync } from "node:fs";
import { CurveGuards } from "../../packages/tunewise/src/app/train/curve-guards.ts";
import type { CurveGuard } from "../../packages/tunewise/src/guard/index.ts";

/** One line of a file that bench/guards/record.mjs writes; its head says what the words mean. */
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
  /** The step whose loss was no number; `null`: there was none. */
  readonly broken: number | null;
  readonly train: readonly number[];
  /** Of every fifth step, from the first on. */
  readonly norms: readonly number[];
  readonly ratios: readonly number[];
  readonly validation: readonly (readonly [step: number, loss: number | null])[];
}

/** What a run came to, by the definitions in the head of bench/guards/record.mjs. */
export type Course = "good" | "bad" | "past-best";

/** Something a guard found. */
export interface Finding {
  readonly step: number;
  readonly guard: CurveGuard;
  readonly isHint: boolean;
  readonly sentence: string;
}

/** A recording with what it is to beat: the baseline's loss, or another run's, and how that run came to it. */
export interface Recorded extends Recording {
  readonly baseline: number;
  readonly course: readonly { readonly step: number; readonly loss: number }[];
}

/** All recordings of a file, baselines taken out. */
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

/** The same runs against a strong target: the usual setting of their task, the worse of the first two seeds. */
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

/** The same runs with a look every so many steps alone. */
export function withLooksEvery(runs: readonly Recorded[], steps: number): Recorded[] {
  return runs.map((run) => ({ ...run, validation: run.validation.filter(([step]) => step % steps === 0) }));
}

/** The look with the lowest validation loss. */
export function bestOf({ validation }: Recording): { readonly step: number; readonly loss: number } {
  let best = { step: 0, loss: Number.POSITIVE_INFINITY };
  for (const [step, loss] of validation) if (loss !== null && loss < best.loss) best = { step, loss };
  return best;
}

/** What a run came to. */
export function courseOf(run: Recorded): Course {
  const best = bestOf(run).loss;
  const last = run.validation.at(-1)?.[1] ?? Number.POSITIVE_INFINITY;
  if (run.broken !== null || best >= run.baseline) return "bad";
  return last <= 1.05 * best ? "good" : "past-best";
}

/** All that guards find in a run, if nothing is done about it. */
export function replay(run: Recorded): Finding[] {
  const guards = new CurveGuards(
    {
      steps: run.steps,
      stepsPerEpoch: 40,
      warmupSteps: Math.ceil(run.warmup * run.steps),
      learningRate: run.rate,
      schedule: run.schedule,
      maxGradNorm: run.clip,
      vocabulary: 1200, // of the small model's tokenizer, with which all of them were recorded
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

/** The first finding that one of the guards would stop a run for. */
export function firstStop(found: readonly Finding[], guards: readonly CurveGuard[]): Finding | null {
  return found.find(({ guard, isHint }) => !isHint && guards.includes(guard)) ?? null;
}

/** How runs of each course fared. */
export interface Account {
  readonly bad: number;
  readonly badStopped: number;
  readonly good: number;
  readonly goodStopped: number;
  /** Good or past their best, and stopped before their best step. */
  readonly robbed: number;
  readonly pastBest: number;
  /** Of runs that were stopped too late or not at all, and of good ones that were stopped. */
  readonly wrong: readonly string[];
  /** Share of all steps of bad runs that were not made. */
  readonly savedShare: number;
}

/** Stops by so much of a run's steps count. */
export const soonShare = 0.35;

/** What stops of these guards come to. */
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
    ...{ bad: bad.length, good: good.length, pastBest: pastBest.length },
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
