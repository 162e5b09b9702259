/** @file Simulated worlds for the decision: the measurements, the truth, and whether a verdict was right. */

import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import type {
  Decision,
  DecisionArm,
  DecisionInput,
  Objective,
} from "../../packages/tunewise/src/evaluate/index.ts";
import { answer, type Chance, chance, foresee, type Spread } from "./simulated-answers.ts";

/** Kinds of worlds, by the effect of tuning compared with the best other arm. */
export const kinds = ["helps", "hurts", "equals", "costs too much"] as const;
/** Objectives tested with each kind in turn. */
export const wishes = ["target", "gain", "value", "margin"] as const;

/** Values that may be fixed. `plain`: rows are independent and costs do not matter. */
export interface WorldOptions {
  readonly rows?: number;
  readonly gap?: number;
  /** Value of a correct answer, as a multiple of an answer's price. */
  readonly worth?: number;
  readonly by?: number;
  readonly isTargetMiddle?: boolean;
  readonly plain?: boolean;
  readonly draws?: number;
}

interface Truth {
  readonly name: string;
  readonly quality: number;
  readonly once: number;
  readonly thousand: number;
  readonly monthly: number;
}

/** A world: the truth, and the input of the decision. */
export interface World {
  readonly truth: readonly Truth[];
  readonly month: number;
  readonly input: DecisionInput;
}

/** Creates a world of a kind from a seed. */
export function world(
  seed: number,
  kind: (typeof kinds)[number],
  wish: (typeof wishes)[number],
  options: WorldOptions = {},
): World {
  const random = chance(seed);
  const plain = options.plain ?? false;
  const rows = options.rows ?? Math.round(50 * 40 ** random.uniform());
  const best = random.between(0.55, 0.88);
  const gap = options.gap ?? random.between(0.03, 0.12);
  const shift = { helps: gap, hurts: -gap, equals: 0, "costs too much": gap / 2 }[kind];
  const month = plain ? 3e5 : 10 ** random.between(3.5, 6);
  const base = plain ? 1 : 10 ** random.between(-1.5, 0.5); // dollars per thousand answers
  const truth = truthOf(random, { best, shift, base, plain, isDear: kind === "costs too much" });
  const shares = truth.map(({ quality }) => quality);
  const measured = answer(random, shares, rows, spreadOf(random, plain));
  const [width, doubt] = plain ? [1.3, 2] : [random.between(1.1, 2), random.between(1.2, 4)];
  const money = (dollars: number): Range<Usd> => {
    const seen = dollars === 0 ? { low: 0, expected: 0, high: 0 } : foresee(random, dollars, width);
    return { low: usd(seen.low), expected: usd(seen.expected), high: usd(seen.high) };
  };
  const arms = truth.map(
    (arm, at): DecisionArm => ({
      name: arm.name,
      kind: armKinds[at] ?? "api",
      outcomes: measured.outcomes[at] ?? [],
      usdToGetThere: money(arm.once),
      usdPerThousandAnswers: money(arm.thousand),
      usdPerMonth: money(arm.monthly),
      latency: null,
      upkeep: [],
    }),
  );
  const asked: Record<(typeof wishes)[number], Objective> = {
    target: {
      kind: "target",
      quality: best + (options.isTargetMiddle ? shift / 2 : random.between(-0.06, 0.06)),
    },
    gain: { kind: "gain", over: "few-shot", by: options.by ?? random.between(0.01, 0.06) },
    value: {
      kind: "value",
      usdPerCorrect: usd((base / 1000) * (options.worth ?? 10 ** random.between(-0.5, 1.5))),
    },
    margin: { kind: "margin", margin: 0.02 },
  };
  const facts = {
    cleanTrainingRows: 1000,
    failedLeakChecks: [],
    needsCitations: false,
    factsChange: false,
    failing: [],
    latencyLimit: null,
    learningCurve: [],
    shots: [],
  };
  const input: DecisionInput = {
    arms,
    groups: measured.groups,
    months: 12,
    objective: asked[wish],
    facts,
    seed,
    answersPerMonth: foresee(random, month, doubt),
    draws: options.draws ?? 2000,
  };
  return { truth, month, input };
}

const armKinds = ["prompt", "few-shot", "api", "tuned"] as const;

function truthOf(
  random: Chance,
  about: { best: number; shift: number; base: number; plain: boolean; isDear: boolean },
): Truth[] {
  const { best, shift, base, plain, isDear } = about;
  const big = plain ? best - 0.05 : best - random.between(-0.02, 0.1);
  const dear = isDear ? 5 : plain ? 2 : 3;
  const arm = (name: string, quality: number, thousand: number): Truth => ({
    name,
    quality: Math.min(0.985, quality),
    thousand: base * thousand,
    once: name === "tuned" ? 10 ** random.between(1, dear) : random.between(0, 20),
    monthly: name === "tuned" ? random.between(0, isDear ? 800 : 60) : 0,
  });
  return [
    arm("prompt", best - random.between(0.03, 0.2), 0.6),
    arm("few-shot", best, 1),
    arm("big model", big, 4),
    arm("tuned", best + shift, isDear ? 3 : 0.7),
  ];
}

function spreadOf(random: Chance, plain: boolean): Spread {
  const groupSize = plain || random.uniform() < 0.5 ? 1 : 2 + Math.floor(random.uniform() * 6);
  const isGrouped = groupSize > 1;
  return {
    groupSize,
    row: plain ? 1 : random.between(0.5, 2),
    group: isGrouped ? random.between(0, 1.2) : 0,
    inside: isGrouped ? random.between(0, 0.6) : 0,
    parts: plain || random.uniform() < 0.75 ? 1 : 4,
  };
}

/** The verdicts that are right: `tune`, and the names of arms that may be used instead. */
export function bornOut({ truth, month, input: { objective, months } }: World): {
  tune: boolean;
  instead: string[];
} {
  const money = (arm: Truth): number => arm.once + months * (arm.monthly + (month * arm.thousand) / 1000);
  const others = truth.filter(({ name }) => name !== "tuned");
  const tuned = truth.filter(({ name }) => name === "tuned");
  const over = (one: Truth, two: Truth): boolean => {
    if (objective.kind === "value") {
      const worth = (objective.usdPerCorrect / 1e6) * month * months;
      return worth * one.quality - money(one) >= worth * two.quality - money(two);
    }
    if (objective.kind === "margin") {
      const floor = Math.max(...others.map((arm) => arm.quality)) - objective.margin;
      if (one.quality < floor) return false;
      if (two.quality < floor && two.quality < one.quality) return true;
      return money(one) <= money(two) && one.quality >= two.quality - objective.margin;
    }
    const start = truth.find(({ name }) => objective.kind === "gain" && name === objective.over);
    const asked = objective.kind === "gain" ? (start?.quality ?? 0) + objective.by : objective.quality;
    const [does, did] = [one.quality >= asked, two.quality >= asked];
    if (one === start) return !did;
    return does && (two === start || !did || money(one) <= money(two));
  };
  return {
    tune: tuned.some((arm) => others.every((other) => over(arm, other))),
    instead: others.filter((other) => tuned.every((arm) => over(other, arm))).map(({ name }) => name),
  };
}

/** Whether a decision is right; `open` if undecided. */
export function grade(simulated: World, { verdict, arm }: Decision): "right" | "wrong" | "open" {
  const { tune, instead } = bornOut(simulated);
  if (verdict === "tune") return tune ? "right" : "wrong";
  if (verdict === "do-not-tune") return arm !== null && instead.includes(arm) ? "right" : "wrong";
  return "open";
}
