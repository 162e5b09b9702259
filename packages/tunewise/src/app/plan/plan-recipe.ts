/** @file `tunewise plan`: estimates memory, time and cost of a recipe before anything is spent. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { bytes } from "@tunewise/core/quantity";
import type { EncodedRow, Example } from "@tunewise/core/rows";
import type { EmbedTexts } from "@tunewise/datacheck";
import { epochBatches, measureMatrixSpeed } from "@tunewise/engine";
import type { ModelFiles } from "@tunewise/engine/weights";
import { describeModel, knownConfig, type MachineOffer } from "../../catalog/index.ts";
import { metricKinds, minimumDetectableEffect } from "../../evaluate/index.ts";
import {
  type BatchOrder,
  type ForgettingLoad,
  type JudgingNeeds,
  type Plan,
  type PlanInput,
  planRun,
  type RowLength,
  rowLengths,
} from "../../plan/index.ts";
import {
  choosePrecision,
  encodeForgettingPrompts,
  encodeSplits,
  epochRows,
  findModel,
  type LoadedRecipe,
  type OnDownload,
  type OnPhase,
  type Prepared,
  prepare,
  readForgettingPrompts,
  readRows,
  rowsOfEpoch,
  settleFor,
  trainingWork,
  withRepeats,
} from "../../prepare/index.ts";
import { type Finding, problem, TunewiseError } from "../../problem/index.ts";
import { effectiveConfiguration, type Recipe } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { assumedFigures, workerSettings } from "./engine-family.ts";
import { finishedRuns, wasSearched } from "./finished-runs.ts";
import { estimateLengths, estimateLoad, forgettingLoad, lengthsEstimated } from "./lengths.ts";
import { loadMarket } from "./market.ts";
import { probe } from "./probe.ts";
import { findShape } from "./shape.ts";
import { type OnTrace, planWithTraces } from "./traced-plan.ts";
import { ownMachine, unpricedSite, type WorkerSite } from "./worker-site.ts";

/**
 * A plan with its inputs and findings.
 */
export interface PlanResult {
  readonly plan: Plan;
  /** Inputs of the plan, from which other plans can be derived. */
  readonly input: PlanInput;
  /** Findings about data, prices and the plan. */
  readonly findings: readonly Finding[];
}

/**
 * A plan with the prepared recipe, ready to run.
 */
export interface PlannedRecipe extends PlanResult {
  readonly prepared: Prepared;
}

/** Options of a plan beyond reading and computing. */
interface PlanOptions {
  /** For checks that only need refusals: skips the speed measurement and simulates costs once. */
  readonly isRough?: boolean;
  /** For checks: embeds the rows, so that paraphrases are found too. */
  readonly embed?: EmbedTexts | undefined;
  /** Lets the worker trace the steps on which the recommendation is based. Called before each tracing. */
  readonly onTrace?: OnTrace;
  readonly onPhase?: OnPhase;
  /** A machine with the worker. The plan then covers its GPUs too. */
  readonly site?: WorkerSite | null;
  /** Currently available machines, which replace those of the price files. */
  readonly offers?: readonly MachineOffer[] | undefined;
}

/**
 * Plans a recipe whose model is on this machine, so that it can run. Measures the machine's matrix multiplication rate,
 * which takes well under a second.
 *
 * @throws {TunewiseError} `MODEL_CONFIG_INVALID`, and those of `prepare`
 */
export async function planRecipe(
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  { isRough = false, embed, ...options }: PlanOptions = {},
): Promise<PlannedRecipe> {
  const prepared = await prepare(loaded, runtime, onDownload, embed, options.onPhase);
  const described = describeModel(prepared.model.config, prepared.model.weights.weights.values());
  if (described.model === null) {
    const [first] = described.findings;
    throw problem("MODEL_CONFIG_INVALID", { detail: first?.detail ?? "the architecture is not known" });
  }
  const { encoded, dataFingerprint, model, recipe } = prepared;
  const subject = {
    model: described.model,
    config: model.config,
    lengths: lengthsOf(encoded),
    sharedPrefixTokens: commonPrefix(encoded.train.rows),
    forgetting: prepared.forgetting && forgettingLoad(prepared.forgetting, recipe.forgetting),
    dataFingerprint,
    modelRevision: model.revision,
    storedWeightBytes: storedWeightBytes(model),
  };
  const made = await makePlan(prepared.loaded, runtime, { ...subject, isRough }, options);
  const ofModel = [...described.findings, ...assumedFigures(model), ...workerSettings(recipe, "warning")];
  return { ...made, prepared, findings: [...prepared.findings, ...ofModel, ...made.findings] };
}

/**
 * Plans a recipe after running a few real steps on this machine.
 *
 * @throws {TunewiseError} `PROBE_IMPOSSIBLE` if the run does not fit, and those of `prepare`
 */
export async function planByProbe(
  loaded: LoadedRecipe,
  runtime: Runtime,
  report: (text: string) => void,
  onDownload?: OnDownload,
): Promise<PlannedRecipe> {
  const planned = await planRecipe(loaded, runtime, onDownload);
  const [here] = planned.plan.places;
  if (here?.fits === "no")
    throw problem("PROBE_IMPOSSIBLE", { reason: "the run does not fit into this machine" });
  const measured = await probe(planned.prepared, planned.plan.schedule, runtime, report);
  const input = { ...planned.input, machine: { ...planned.input.machine, probe: measured } };
  const plan = planRun(input);
  const others = planned.findings.filter((finding) => !planned.plan.findings.includes(finding));
  return { ...planned, input, plan, findings: [...others, ...plan.findings] };
}

/**
 * Plans a recipe without the model's weights, which may be too large for this machine or not downloaded yet.
 *
 * @throws {TunewiseError} `MODEL_NOT_FOUND`, `MODEL_CONFIG_INVALID`
 */
export async function planWithoutWeights(
  loaded: LoadedRecipe,
  runtime: Runtime,
  onDownload?: OnDownload,
  options: Omit<PlanOptions, "isRough" | "embed"> = {},
): Promise<PlanResult> {
  if (await isSmallOrHere(loaded, runtime)) return planRecipe(loaded, runtime, onDownload, options);
  const shape = await findShape(loaded, runtime, onDownload);
  const rows = await readRows(loaded, runtime, onDownload, undefined, options.onPhase);
  options.onPhase?.("counting tokens");
  const encoded =
    shape.tokenizer &&
    withRepeats(encodeSplits(rows.examples, shape.tokenizer, loaded.recipe.data), rows.repeats);
  const forgetting = await loadForgetting(loaded, shape);
  const estimate = (part: readonly Example[]): RowLength[] => estimateLengths(part, loaded.recipe.data);
  const { validation, test } = rows.examples;
  const train = epochRows(rows.examples.train, rows.repeats);
  const subject = {
    model: shape.model,
    config: shape.config,
    lengths: encoded
      ? lengthsOf(encoded)
      : { train: estimate(train), validation: estimate(validation), test: estimate(test) },
    sharedPrefixTokens: encoded ? commonPrefix(encoded.train.rows) : 0,
    forgetting: forgetting.load,
    dataFingerprint: rows.dataFingerprint,
    modelRevision: shape.revision,
    storedWeightBytes: defaultWeightBytes,
    isRough: false,
  };
  const made = await makePlan(
    settleFor(loaded, shape.model, rowsOfEpoch(train, loaded.recipe)),
    runtime,
    subject,
    options,
  );
  const findings = [
    ...loaded.findings,
    ...shape.findings,
    ...rows.findings,
    ...forgetting.findings,
    ...(encoded ? [] : [lengthsEstimated]),
  ];
  return { ...made, findings: [...findings, ...made.findings] };
}

/** Load of the forgetting measurement, with findings about its files. */
async function loadForgetting(
  loaded: LoadedRecipe,
  { tokenizer, model }: Awaited<ReturnType<typeof findShape>>,
): Promise<{ readonly load: ForgettingLoad | null; readonly findings: readonly Finding[] }> {
  const { recipe } = loaded;
  const raw = await readForgettingPrompts(loaded);
  if (raw === null) return { load: null, findings: [] };
  if (tokenizer === null) return { load: estimateLoad(raw, recipe.forgetting), findings: raw.findings };
  const encoded = encodeForgettingPrompts(raw, tokenizer, model, recipe);
  return { load: forgettingLoad(encoded, recipe.forgetting), findings: encoded.findings };
}

/** Maximum number of parameters of a model that a plan downloads completely, because the run needs it anyway. */
const smallParameters = 1e9;

async function isSmallOrHere({ recipe, folder }: LoadedRecipe, runtime: Runtime): Promise<boolean> {
  const { source, revision, architecture } = recipe.model;
  if (architecture !== null) return false;
  const offline = { ...runtime, sources: { ...runtime.sources, fetch: null, execute: null } };
  const here = await findModel(source, revision, folder, offline).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "MODEL_NOT_FOUND") return null;
    if (TunewiseError.is(error) && error.code === "MODEL_FILE_MISSING") return null;
    throw error;
  });
  if (here !== null) return true;
  const known = knownConfig(source);
  const model = known && describeModel(known).model;
  return model !== null && model.parameters.total <= smallParameters;
}

function lengthsOf(encoded: Prepared["encoded"]): PlanInput["lengths"] {
  return {
    train: rowLengths(encoded.train.rows),
    validation: rowLengths(encoded.validation.rows),
    test: rowLengths(encoded.test.rows),
  };
}

/** The recipe's model and rows. */
interface PlanSubject extends Pick<PlanInput, "model" | "lengths" | "sharedPrefixTokens" | "forgetting"> {
  /** The model's published configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dataFingerprint: string;
  readonly modelRevision: string;
  readonly storedWeightBytes: number;
  /** For checks that only need refusals: skips the speed measurement and simulates costs once. */
  readonly isRough: boolean;
}

/** Assumed for models without files, because nearly all are published in 16 bits. */
const defaultWeightBytes = 2;

/** Bytes per weight in the engine. Formats that the engine converts on loading count as float32. */
function storedWeightBytes({ weights }: ModelFiles): number {
  const sizes = { F32: 4, F16: 2, BF16: 2, NF4: 0.5625 } as const;
  const found = [...weights.weights.values()].filter(({ shape }) => shape.length === 2);
  const sizeOf = (stored: string): number => (stored in sizes ? sizes[stored as keyof typeof sizes] : 4);
  return found.reduce((most, { stored }) => Math.max(most, sizeOf(stored)), 0) || 4;
}

/** Batches in the engine's order. */
const engineOrder: BatchOrder = (lengths, settings, epoch) =>
  epochBatches(
    lengths.map((length) => ({ ids: { length } })),
    settings,
    epoch,
  );

/** Replaces `bf16` by `auto`: a run at another site does not require bf16 arithmetic of this machine's engine. */
function withoutDemand(recipe: Recipe): Recipe {
  const { precision, ...training } = recipe.training;
  return { ...recipe, training: { ...training, precision: precision === "bf16" ? "auto" : precision } };
}

async function makePlan(
  loaded: LoadedRecipe,
  runtime: Runtime,
  subject: PlanSubject,
  { onTrace, onPhase, site, offers }: Omit<PlanOptions, "isRough">,
): Promise<PlanResult> {
  const { recipe, derived } = loaded;
  const { model, lengths, sharedPrefixTokens, forgetting, dataFingerprint, modelRevision } = subject;
  const opened = await loadMarket(loaded, runtime, offers);
  const threads = recipe.machine.threads ?? runtime.cores;
  const output = resolve(loaded.folder, recipe.output);
  onPhase?.("measuring this machine");
  const load = runtime.load(); // read before the measurement adds load
  const precision = await choosePrecision(
    site ? withoutDemand(recipe) : recipe,
    runtime,
    trainingWork(subject.config, recipe, lengths.train, sharedPrefixTokens),
    { isMeasured: !subject.isRough },
  );
  const { compute } = precision;
  const unmeasured = { flopsPerSecond: null, processorShare: 1 };
  const measure = (): ReturnType<typeof measureMatrixSpeed> =>
    measureMatrixSpeed({ threads, compute }, runtime);
  const { flopsPerSecond, processorShare } = subject.isRough ? unmeasured : await measure();
  const input: PlanInput = {
    recipe: subject.isRough ? { ...recipe, plan: { ...recipe.plan, outcomes: 1 } } : recipe,
    derived,
    model,
    order: engineOrder,
    lengths,
    sharedPrefixTokens,
    machine: {
      memoryBytes: bytes(runtime.memoryBytes),
      threads,
      compute,
      precision,
      flopsPerSecond,
      busy: { cores: runtime.cores, load, processorShare },
      memoryBytesPerSecond: null,
      storedWeightBytes: subject.storedWeightBytes,
      probe: null,
    },
    finished: await finishedRuns(runtime, output, recipe.machine.threads),
    isSearched: await wasSearched(output, recipe.model.source, dataFingerprint),
    judging: evaluationNeeds(recipe, lengths.test.length),
    forgetting,
    market: opened.market,
    own: site ? await ownMachine(site, recipe, output, runtime) : null,
    basis: {
      recipeFingerprint: recipeFingerprint(recipe),
      dataFingerprint,
      modelRevision,
      pricesFingerprint: opened.fingerprint,
    },
  };
  onPhase?.("comparing places");
  const byRules = { input, plan: planRun(input) };
  const made = onTrace ? await planWithTraces(byRules, subject.config, runtime, onTrace) : byRules;
  const unpriced = site ? unpricedSite(site, recipe) : [];
  return { ...made, findings: [...opened.findings, ...unpriced, ...made.plan.findings] };
}

/** Fingerprint of the recipe without the cost of delay, which affects only the recommendation. */
function recipeFingerprint({ plan, ...rest }: Recipe): string {
  const { costOfDelayUsdPerHour: _, ...assumed } = plan;
  const configuration = effectiveConfiguration({ ...rest, plan: assumed as Recipe["plan"] });
  return createHash("sha256").update(configuration).digest("hex");
}

/** What a recipe's evaluation requires, and the minimum effect that the test rows can detect. */
export function evaluationNeeds({ task }: Recipe, rows: number): JudgingNeeds {
  const kinds = task.metrics.map((metric) => metricKinds[metric]);
  return {
    answers: kinds.some(({ needs }) => needs === "answers"),
    loss: kinds.some(({ needs }) => needs === "loss"),
    detectableEffect: kinds.some(({ isYesNo }) => isYesNo) ? minimumDetectableEffect(rows) : null,
  };
}

/** Number of leading tokens that all rows share. */
function commonPrefix(rows: readonly EncodedRow[]): number {
  const [first] = rows;
  if (!first || rows.length < 2) return 0;
  let length = first.ids.length;
  for (const { ids } of rows) {
    let at = 0;
    while (at < length && ids[at] === first.ids[at]) at++;
    length = at;
  }
  return length;
}
