/** @file Collects the facts about a run for its report. */

import { join } from "node:path";
import {
  type Bytes,
  bytes,
  bytesText,
  countOf,
  type Range,
  range,
  type Seconds,
  seconds,
  secondsText,
  tokens,
  type Usd,
} from "@tunewise/core/quantity";
import type { Example } from "@tunewise/core/rows";
import { losses, type RunStatus } from "@tunewise/core/run";
import { isLeak } from "@tunewise/datacheck";
import { transcriptOf } from "@tunewise/datacheck/dataset";
import { contradictionText, type Score } from "../../evaluate/index.ts";
import { isGateClosed } from "../../guard/index.ts";
import { reservedBytes } from "../../plan/index.ts";
import type { Prepared } from "../../prepare/index.ts";
import { resultFolder } from "../../prepare/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type {
  AnswerSample,
  KeyValue,
  LabelFacts,
  RunReport,
  SafetyOutcome,
  ScoreLine,
} from "../../report/index.ts";
import type { ForgettingOutcome, Judgement } from "../../scoring/index.ts";
import type { JudgedResult } from "./judge-result.ts";
import { capsOf, type RunSession } from "./session.ts";
import type { TrainingEnd } from "./train.ts";

/** Number of rows shown with their answers. */
const sampleCount = 8;
/** Maximum characters of each earlier turn in a shown conversation. */
const turnCharacters = 200;

/** Collects all facts of the report. */
export function reportFacts(
  session: RunSession,
  end: TrainingEnd & { readonly status: RunStatus },
  { judgement, forgotten, safety, memorization }: JudgedResult,
  keptStep: number,
  endedAt: string,
): RunReport {
  const { runId, createdAt, recipe, prepared, folder, start } = session;
  const { encoded } = prepared;
  return {
    run: {
      id: runId,
      name: prepared.loaded.runName ?? recipe.name,
      status: end.status,
      stop: end.stop,
      createdAt,
      endedAt,
      model: recipe.model.source,
      modelRevision: prepared.model.revision,
      dataFingerprint: prepared.dataFingerprint,
    },
    settings: settingsOf(session),
    data: {
      splits: (["train", "validation", "test"] as const)
        .filter((name) => encoded[name].statistics.rows > 0)
        .map((name) => ({ name, statistics: encoded[name].statistics })),
      findings: [...prepared.findings, ...session.plan.findings],
    },
    figures: figuresOf(session, end),
    curves: {
      train: end.state.curves.train.map(([step, loss]) => ({ step, loss })),
      validation: end.state.curves.validation.map(([step, loss]) => ({ step, loss })),
      keptStep,
    },
    scores: judgement ? scoreLines(judgement) : [],
    ...(judgement && { judged: { rows: judgement.tuned.rows, of: judgement.planned } }),
    labels: judgement && labelFacts(judgement),
    seen: judgement && seenFacts(judgement),
    samples: judgement ? samplesOf(judgement, prepared) : [],
    forgetting: forgotten && forgettingFacts(session, end, forgotten),
    safety: safety && safetyFacts(recipe, safety),
    memorization,
    budget: budgetOf(session),
    guards: actedOf(end),
    versions: Object.entries(session.runtime.versions).map(([name, value]) => ({ name, value })),
    adapter: {
      folder: resultFolder(recipe, folder),
      bytes: bytes(4 * start.trainedParameters),
      parameters: start.trainedParameters,
      modelParameters: start.modelParameters,
    },
    commands: [
      { purpose: "Repeat the run", command: `tunewise run ${join(folder.path, "recipe.yaml")}` },
      { purpose: "Ask the tuned model", command: `tunewise model generate ${runId} "..."` },
      { purpose: "Judge it on other rows", command: `tunewise runs evaluate ${runId} --data rows.jsonl` },
    ],
    limits: limitsOf(session, end, judgement),
  };
}

/** Progress and spending of a session, for runs without a report. */
export function standingOf(
  session: RunSession,
  end: TrainingEnd,
): Pick<RunReport, "figures" | "budget" | "guards"> {
  return { figures: figuresOf(session, end), budget: budgetOf(session), guards: actedOf(end) };
}

function actedOf({ guards }: TrainingEnd): RunReport["guards"] {
  return guards.flatMap(({ step, verdict }) => (verdict.act === "go-on" ? [] : [{ step, verdict }]));
}

/** Describes the method in one line. */
function methodText(method: Recipe["method"]): string {
  const { kind, rank, alpha, targets, freeze, doubleQuantization, calibrate } = method;
  if (kind === "full") return freeze.length > 0 ? `all weights but ${freeze.join(", ")}` : "all weights";
  const where = targets === "all-linear" ? "all linear projections" : targets.join(", ");
  const lora = `LoRA, rank ${rank}, alpha ${alpha}, ${where}`;
  if (kind === "lora") return lora;
  const about = [...(doubleQuantization ? ["scales in 8 bits"] : []), ...(calibrate ? ["calibrated"] : [])];
  return `${lora}; beside weights in 4 bits (${["NF4", ...about].join(", ")})`;
}

function forgettingFacts(
  { recipe }: RunSession,
  { state }: TrainingEnd,
  outcome: ForgettingOutcome,
): RunReport["forgetting"] {
  const { text, tasks, prompts, regressionPrompts, gate, maxPerplexityRise, maxTaskDrop, maxKl } =
    recipe.forgetting;
  return {
    ...outcome,
    curve: state.forgetting,
    gate,
    isGateClosed: isGateClosed(outcome.judgement.verdict, gate),
    limits: { maxPerplexityRise, maxTaskDrop, maxKl },
    sources: { text, tasks, prompts, regressionPrompts: regressionPrompts },
  };
}

function safetyFacts({ safety }: Recipe, outcome: SafetyOutcome): RunReport["safety"] {
  const { gate, maxRise, codePrompts, refusalPrompts } = safety;
  // output that the recipe's scanner failed to examine has not been shown to be safe
  const isUnseen = gate === "strict" && outcome.scanners.failures.length > 0;
  const isClosed = isUnseen || isGateClosed(outcome.judgement.verdict, gate);
  return { ...outcome, gate, isGateClosed: isClosed, maxRise, sources: { codePrompts, refusalPrompts } };
}

/** Describes how old skills were preserved, at what cost, and the alternatives. */
function regularizationFacts({ recipe, prepared, start: { regularization } }: RunSession): KeyValue[] {
  const { method, reference, lambda, fisher, share } = recipe.regularization;
  if (method === "none") return [];
  const rows = prepared.reference?.rows.length ?? 0;
  if (method === "replay") {
    const percent = Math.round(share * 100);
    return [
      {
        name: "old skills",
        value: `replay: ${percent} % of the training rows are from ${reference} (${countOf(rows, "row")})`,
      },
    ];
  }
  const elsewhere = "where old rows exist, replay keeps more";
  if (method === "l2-sp") {
    return [
      {
        name: "old skills",
        value: `L2-SP, lambda ${lambda}: all weights alike are pulled back; ${elsewhere}`,
      },
    ];
  }
  const of = fisher === "full" ? "each weight" : "rows and columns";
  const took = `${secondsText(seconds(regularization?.seconds ?? 0))} and ${bytesText(bytes(regularization?.bytes ?? 0))}`;
  return [
    {
      name: "old skills",
      value: `EWC, lambda ${lambda}: importance of ${of} from ${rows} sequences of ${reference}, which took ${took}; ${elsewhere}`,
    },
  ];
}

function settingsOf(session: RunSession): KeyValue[] {
  const { recipe, prepared } = session;
  const { method, training } = recipe;
  return [
    { name: "model", value: `${recipe.model.source} (${prepared.model.origin})` },
    { name: "method", value: methodText(method) },
    {
      name: "learning rate",
      value: `${training.learningRate}, ${training.schedule}, warm-up ${training.warmup}`,
    },
    {
      name: "batch",
      value: `${countOf(training.batchSize, "row")} x ${training.gradientAccumulationSteps}, batching by ${training.batching}`,
    },
    { name: "optimizer", value: `${training.optimizer}, weight decay ${training.weightDecay}` },
    { name: "loss on", value: lossText(recipe) },
    ...(losses[training.loss].isLikelihood
      ? []
      : [{ name: "training loss", value: `${losses[training.loss].title} (${training.loss})` }]),
    { name: "seed", value: String(training.seed) },
    ...regularizationFacts(session),
  ];
}

function lossText({ task, data: { loss, trainOn } }: Recipe): string {
  if (task.kind === "language-modeling") return "every token of the documents";
  if (loss === "all") return "all tokens";
  return trainOn === "all" ? "the answers" : "the last answer of each row";
}

function figuresOf(
  { plan, placement, runtime, meter }: RunSession,
  { state, peakMemoryBytes }: TrainingEnd,
): RunReport["figures"] {
  const planned = plannedFigures(plan, placement);
  return {
    memoryBytesPeak: {
      planned: planned.bytes,
      actual: bytes(peakMemoryBytes ?? runtime.peakMemoryBytes()),
    },
    wall: { planned: planned.seconds, actual: meter.spentSeconds },
    cost: { planned: planned.usd, actual: meter.spentUsd },
    steps: {
      planned: range(plan.schedule.steps, plan.schedule.steps, plan.schedule.steps),
      actual: state.step,
    },
    tokens: {
      planned: range(plan.schedule.tokens, plan.schedule.tokens, plan.schedule.tokens),
      actual: tokens(state.tokens),
    },
    tokensPerSecond: {
      planned: planned.tokensPerSecond,
      actual: state.trainSeconds > 0 ? state.tokens / state.trainSeconds : null,
    },
  };
}

/** Planned values for the place that computed the run. The plan's main figures apply to the engine on this machine. */
function plannedFigures(
  plan: RunSession["plan"],
  placement: RunSession["placement"],
): {
  readonly bytes: Range<Bytes> | null;
  readonly seconds: Range<Seconds> | null;
  readonly usd: Range<Usd> | null;
  readonly tokensPerSecond: Range<number> | null;
} {
  const { places, memory, time, cost, schedule } = plan;
  if (placement.kind === "torch") {
    const own = places.find(({ kind }) => kind === "own");
    const reserved = own ? reservedBytes(own) : null;
    return {
      bytes: reserved,
      seconds: own?.seconds ?? null,
      usd: own?.runUsd ?? null,
      tokensPerSecond: null,
    };
  }
  const train = time.parts.find(({ name }) => name === "train")?.seconds;
  const tokensPerSecond = train ? rateOf(schedule.tokens, train) : null;
  return { bytes: memory.peakBytes, seconds: time.seconds, usd: cost.usd, tokensPerSecond };
}

function rateOf(count: number, time: Range<Seconds>): Range<number> | null {
  return time.low > 0 ? range(count / time.high, count / time.expected, count / time.low) : null;
}

function budgetOf({ recipe, meter, start }: RunSession): RunReport["budget"] {
  const { capUsd, capSeconds } = capsOf(recipe);
  return {
    capUsd,
    cap: capSeconds,
    spentUsd: meter.spentUsd,
    spent: meter.spentSeconds,
    priceUsdPerHour: meter.priceUsdPerHour,
    priceSource: recipe.machine.source,
    sessions: start.state.sessions,
  };
}

/** Scores of both models side by side, as reports show them. */
export function scoreLines({ tuned, base, comparisons, trivial, seen }: Judgement): ScoreLine[] {
  const short = ({ value, interval, rows, unjudged, isInvalid }: Score): ScoreLine["tuned"] => {
    return { value, interval, rows, unjudged, isInvalid };
  };
  return tuned.scores.map((score, at) => {
    const other = base?.scores[at];
    return {
      metric: score.metric,
      tuned: short(score),
      base: other ? short(other) : null,
      comparison: comparisons[at] ?? null,
      trivial: trivial[at] ?? [],
      unseen: seen?.unseen[at] ?? null,
    };
  });
}

/** Label table and confusion matrix of the first metric that uses labels. All such metrics have the same ones. */
export function labelFacts({ tuned, base, decoding, references }: Judgement): LabelFacts | null {
  const at = tuned.scores.findIndex(({ labels }) => labels !== null);
  const own = tuned.scores[at]?.labels ?? null;
  if (own === null) return null;
  const chosen = decoding.kind === "constrained" ? decoding.labels.length : null;
  const other = base?.scores[at]?.labels ?? null;
  const how = { kind: chosen === null ? ("free" as const) : ("constrained" as const), labels: chosen };
  return { decoding: how, tuned: own, base: other, rows: references.length };
}

/** Number of judged rows that also occur in the training data; `null` if none. */
export function seenFacts({ seen, references }: Judgement): NonNullable<RunReport["seen"]> | null {
  return seen && { rows: seen.rows, of: references.length };
}

const callsLimit =
  "Calls were constrained to the offered tools and their schemas: answers decoded freely may score lower.";

/** Limits that follow from the decoding and the set of labels. */
function labelLimits({ decoding, references }: Judgement): string[] {
  if (decoding.kind === "free")
    return decoding.reason === null ? [] : [`Answers were decoded freely: ${decoding.reason}.`];
  if (decoding.kind === "json") return [];
  if (decoding.kind === "calls") return [callsLimit];
  const known = new Set(decoding.labels);
  const unknown = references.filter((reference) => !known.has(reference.trim())).length;
  return unknown === 0
    ? []
    : [
        `${unknown} test rows have a label that is none of the ${decoding.labels.length}: no answer to them can be right.`,
      ];
}

/** The first rows, with whether each answer is right by the headline metric if that is a yes/no metric. */
function samplesOf(
  { references, tuned, base }: Judgement,
  { encoded, examples }: Pick<Prepared, "encoded" | "examples">,
): AnswerSample[] {
  if (tuned.answers.length === 0) return [];
  const right = (score: Score | undefined, row: number): boolean | null => {
    const outcome = score?.outcomes[row];
    if (!outcome || outcome.weight === 0) return null;
    return outcome.value === 1 ? true : outcome.value === 0 ? false : null;
  };
  const headline = tuned.scores.findIndex(({ metric }) => metric !== "perplexity" && metric !== "json_valid");
  const test = encoded.test.rows
    .slice(0, sampleCount)
    .map(({ example }) => examples.test[example] as Example);
  return references.slice(0, sampleCount).map((reference, row) => ({
    prompt: transcriptOf(test[row] as Example, turnCharacters),
    reference,
    tuned: { text: tuned.answers[row] ?? "", isRight: right(tuned.scores[headline], row) },
    base: base ? { text: base.answers[row] ?? "", isRight: right(base.scores[headline], row) } : null,
  }));
}

/** Reports rows that a cap or the user left unanswered. */
function cutLimits({ planned, tuned, base }: Judgement): string[] {
  const of = (name: string, rows: number): string[] =>
    rows < planned
      ? [`The ${name} model was judged on ${rows} of ${planned} rows: a cap or an interrupt came first.`]
      : [];
  return [...of("tuned", tuned.rows), ...(base === null ? [] : of("base", base.rows))];
}

const documentLimit = [
  "Perplexity and bits per byte measure how well a model predicts held-out documents; their intervals draw documents.",
  "They do not show that it answers questions better.",
  "Bits per byte are comparable across tokenizers, perplexity is not.",
].join(" ");

function limitsOf(
  { prepared, recipe, earlier }: RunSession,
  { forgettingUnmeasured }: TrainingEnd,
  judgement: Judgement | null,
): string[] {
  const limits = earlier.overruled.map(
    (guard) => `A person overruled the ${guard} guard: it only warned from then on.`,
  );
  if (forgettingUnmeasured !== null) limits.push(`Forgetting was not measured: ${forgettingUnmeasured}.`);
  if (judgement === null) {
    const rows = prepared.encoded.test.rows.length;
    limits.push(
      rows === 0
        ? "There are no test rows, so nothing says whether the tuned model is better."
        : "The models were not judged: a cap or an interrupt came first.",
    );
  }
  if (judgement !== null) limits.push(...cutLimits(judgement), ...labelLimits(judgement));
  for (const found of judgement?.contradictions ?? [])
    limits.push(`${contradictionText(found)}: the metric or the references are at fault.`);
  const leaks = prepared.findings.filter(isLeak);
  for (const { detail } of leaks) limits.push(`Scores may be too good: ${detail}`);
  if (recipe.task.kind === "language-modeling") limits.push(documentLimit);
  if (recipe.machine.usdPerHour === 0)
    limits.push("The machine's price is set to $0 per hour, so no cost is counted.");
  limits.push(
    "One run with one seed: another seed would give other scores within about the intervals shown.",
  );
  return limits;
}
