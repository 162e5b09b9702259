/** @file `tunewise try`: compares all arms of a recipe on the same test rows and writes a report. */
import { createHash } from "node:crypto";
import { relative } from "node:path";
import { usd } from "@tunewise/core/quantity";
import { type ArmLine, guidanceOf, ShownExamples } from "../../baselines/index.ts";
import {
  type LoadedRecipe,
  type OnDownload,
  type Prepared,
  prepare,
  scoringFingerprint,
} from "../../prepare/index.ts";
import { type Finding, problem, TunewiseError } from "../../problem/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { TryDocument } from "../../report/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type Decoding, decodingOf, offeredBy, type Scorer } from "../../scoring/index.ts";
import { readTryDocument } from "../runs/index.ts";
import type { AnswerQuestions } from "./answer-log.ts";
import { type ApiModel, openApiModel } from "./api-answers.ts";
import { closeTry } from "./close-try.ts";
import { type Corpus, leakedRows, openCorpus } from "./corpus.ts";
import { estimateTryCost } from "./estimate-try-cost.ts";
import { type FoundArms, findArms } from "./find-arms.ts";
import { type Find, lexicalFinder } from "./finder.ts";
import { leakCode, splitTryRows, type TryRows } from "./held-out-test-set.ts";
import { armMetrics } from "./invalid-arm.ts";
import { type LlamaModels, openLlamaModels } from "./llama-cpp.ts";
import {
  answerByLlama,
  answerByVote,
  answerLocally,
  type LocalModel,
  needsModel,
  openLocalModel,
} from "./local-answers.ts";
import { openJudge } from "./open-judge.ts";
import { openRetrieval, type Retrieval } from "./open-retrieval.ts";
import { findCompletedTry, type OpenTry, withTry } from "./open-try.ts";
import { createQuestions, type QuestionMaker } from "./questions.ts";
import { findRecordedAnswers } from "./recorded-answers.ts";
import { budgetSpent, outputOf, requireBudget, tryArms, tryFingerprint } from "./try-arms.ts";

/** The expected cost of a try, shown before any request. */
export interface TryPreview {
  readonly lines: readonly ArmLine[];
  readonly testRows: number;
  readonly choosingRows: number;
  /** Number of test rows excluded because training rows repeat them. */
  readonly leaked: number;
  /** Expected and maximum API cost in dollars; zero if nothing is paid. */
  readonly usd: { readonly expected: number; readonly most: number };
  /** Findings about the arms and their documents. */
  readonly findings: readonly Finding[];
  /** Findings about the recipe and its rows, as in `tunewise check`. */
  readonly dataFindings: readonly Finding[];
}

/** Options of a try. */
export interface TryOptions {
  /** Called before anything is paid or computed; `false` cancels the try. */
  readonly approve: (preview: TryPreview) => Promise<boolean>;
  readonly onProgress: (name: string, done: number, total: number) => void;
  readonly onDownload?: OnDownload;
  /** Whether to answer everything again even if the same try exists. */
  readonly isFresh: boolean;
}

/** A try with its report. */
export interface TryOutcome {
  readonly document: TryDocument;
  /** Folder with `report.html`, `report.md` and all answers. */
  readonly folder: string;
  /** Whether an identical try was found in the record, so that nothing was computed or paid. */
  readonly isFromRecord: boolean;
}

/**
 * Tries all arms of a recipe. An identical completed try is returned from the record.
 *
 * @returns `null` if `approve` declined
 * @throws {TunewiseError} `TRY_DOCUMENTS`, `RUN_BLOCKED`, `ARMS_WITHOUT_METRIC`, `DATA_SPLIT_EMPTY`, and those of
 *   `prepare`
 */
export async function runTry(
  loaded: LoadedRecipe,
  runtime: Runtime,
  options: TryOptions,
): Promise<TryOutcome | null> {
  if (loaded.recipe.task.kind === "language-modeling") throw problem("TRY_DOCUMENTS", {});
  const prepared = await prepare(loaded, runtime, options.onDownload);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    return await tryPrepared(prepared, runtime, options, closing);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function tryPrepared(
  prepared: Prepared,
  runtime: Runtime,
  options: TryOptions,
  closing: (() => Promise<unknown>)[],
): Promise<TryOutcome | null> {
  const { recipe } = prepared;
  armMetrics(recipe);
  requireUnblocked(prepared.findings);
  const inputs = await openInputs(prepared, runtime, closing);
  const known = { fingerprint: await fingerprintOf(prepared, inputs), decided: decisionFingerprint(recipe) };
  const recorded = options.isFresh ? null : await recordedOutcome(inputs.output, known);
  if (recorded !== null) return recorded;
  const { rows, found, corpus, retrieval, others, output } = inputs;
  const { folder } = prepared.loaded;
  const api = await openApiModel({ lines: found.lines, recipe, output, folder, runtime });
  closing.push(() => api.close());
  const judge = await openJudge({ recipe, output, folder, runtime });
  if (judge !== null) closing.push(() => judge.close());
  const local = needsModel(found, recipe) ? await openLocalModel(prepared, found, runtime) : null;
  if (local !== null) closing.push(() => local.model.close());
  const examples = new ShownExamples(rows.examples, recipe.training.seed);
  const askWith = (find: Find | null): QuestionMaker =>
    createQuestions({
      recipe,
      tokenizer: prepared.tokenizer,
      model: local?.model ?? null,
      examples,
      others: others.models,
      retrieval: corpus && find && { corpus, find },
      guidance: guidanceOf(recipe, rows.knownLabels),
    });
  const armFindings = armFindingsOf(prepared, inputs);
  const counts = { testRows: rows.heldOut.count, choosingRows: rows.validation.length, leaked: rows.leaked };
  // BM25 passages are about as long as those of other methods, and cost nothing before approval
  const ask = askWith(corpus && lexicalFinder(corpus, recipe.retrieval));
  const spending = await estimateTryCost(found.lines, rows, { api, retrieval, judge, ask });
  const preview = { ...counts, usd: spending, findings: armFindings, dataFindings: prepared.findings };
  if (!(await options.approve({ lines: found.lines, ...preview }))) return null;
  const resume = { command: commandOf(prepared, runtime), maxUsd: spending.most };
  const request = { prepared, output, ...known, runtime, isFresh: options.isFresh, resume };
  return withTry(request, async (open) => {
    for (const payer of [api, judge, retrieval]) payer?.chargeTo(open.runId);
    const find = retrieval && (await openMetered(retrieval, local, recipe, open, options));
    const decoding = decodingOf(
      recipe,
      rows.knownLabels,
      prepared.scoring.schema,
      prepared.tokenizer,
      offeredBy([...rows.validation, ...prepared.examples.test]),
    );
    const answerer = answererOf(prepared, { local, others, examples, api }, runtime, decoding);
    const work = {
      recipe,
      scorer: scorerOf(prepared, rows, runtime),
      judge,
      lines: found.lines,
      rows,
      now: runtime.now,
      signal: runtime.signal,
      ask: askWith(find),
      onProgress: options.onProgress,
      respond: withVectorCosts(answerer, retrieval, open),
      takePaid: () => api.takePaid(),
      recorded: await findRecordedAnswers(found, recipe),
    };
    const tried = await tryArms(work, open).catch((error: unknown) => {
      // The account may refuse a request before the caps are checked again. The outcome and the way to resume are the
      // same.
      const isSpent = TunewiseError.is(error) && error.code === "ASK_BUDGET_SPENT";
      throw isSpent ? budgetSpent(recipe, open, error) : error;
    });
    const end = await closeTry(open, tried, {
      scorer: work.scorer,
      trainingExamples: rows.examples,
      prepared,
      found,
      corpus,
      retrieval,
      findings: [...prepared.findings, ...armFindings],
      rows: rows.heldOut,
      ...counts,
      estimatedUsd: spending,
    });
    return { ...end, result: { document: end.result, folder: open.folder.path, isFromRecord: false } };
  });
}

/** Returns the outcome of an identical try from the record, or `null` if there is none or it did not complete. */
async function recordedOutcome(
  output: string,
  known: Parameters<typeof findCompletedTry>[1],
): Promise<TryOutcome | null> {
  const completed = await findCompletedTry(output, known);
  if (completed === null) return null;
  const document = await readTryDocument(completed.folder);
  return { document, folder: completed.folder.path, isFromRecord: true };
}

/** The command that runs this recipe's try. */
function commandOf({ loaded }: Prepared, { cwd }: Runtime): string {
  const path = relative(cwd, loaded.path);
  return path === "tunewise.yaml" ? "tunewise try" : `tunewise try ${path}`;
}

/** Inputs of a try, before anything is requested or computed. */
interface TryInputs {
  readonly output: string;
  readonly rows: TryRows;
  readonly found: FoundArms;
  readonly corpus: Corpus | null;
  readonly retrieval: Retrieval | null;
  readonly others: LlamaModels;
}

async function openInputs(
  prepared: Prepared,
  runtime: Runtime,
  closing: (() => Promise<unknown>)[],
): Promise<TryInputs> {
  const { recipe, loaded } = prepared;
  const output = outputOf(recipe, loaded.folder);
  const rows = splitTryRows(prepared.examples, recipe, prepared.observations);
  const found = await findArms(prepared, runtime);
  const corpus = await openCorpus(recipe.retrieval, { folder: loaded.folder, output, node: runtime.node });
  const looksUp = found.lines.some(({ candidates }) => candidates.some(({ passages }) => passages > 0));
  const retrieval = corpus && looksUp ? await openRetrieval(corpus, prepared, output, runtime) : null;
  if (retrieval !== null) closing.push(() => retrieval.close());
  const threads = recipe.machine.threads ?? runtime.cores;
  const others = await openLlamaModels(found.lines, loaded.folder, threads, runtime);
  closing.push(() => others.close());
  return { output, rows, found, corpus, retrieval, others };
}

async function fingerprintOf(
  prepared: Prepared,
  { rows, found, corpus, retrieval, others }: TryInputs,
): Promise<string> {
  const { recipe, model, dataFingerprint } = prepared;
  return tryFingerprint({
    lines: found.lines,
    rows,
    recipe,
    model: model.revision,
    data: dataFingerprint,
    corpus: corpus === null ? "" : `${corpus.fingerprint} ${retrieval?.name}`,
    others: others.name,
    runs: Object.fromEntries([...found.runs].map(([arm, { run }]) => [arm, run.id])),
    judgedBy: await scoringFingerprint(prepared),
  });
}

/** Fingerprint of the objective and prices, which may change the decision for the same answers. */
function decisionFingerprint({ decision, machine }: Recipe): string {
  return createHash("sha256")
    .update(JSON.stringify([decision, machine]))
    .digest("hex");
}

function armFindingsOf({ examples }: Prepared, { found, corpus }: TryInputs): Finding[] {
  return [...found.findings, ...(corpus?.findings ?? []), ...leakedRows(corpus, examples.test)];
}

function scorerOf(
  { recipe, loaded, scoring }: Prepared,
  { knownLabels }: TryRows,
  { node }: Runtime,
): Scorer {
  return { recipe, folder: loaded.folder, material: scoring, knownLabels, node };
}

/** Opens a finder that makes its vectors within the caps and records their cost as it is paid. */
function openMetered(
  retrieval: Retrieval,
  local: LocalModel | null,
  recipe: Recipe,
  open: OpenTry,
  { onProgress }: TryOptions,
): Promise<Find> {
  return retrieval
    .openFinder(local, {
      before: async () => {
        await open.recordSpend("vectors", retrieval.takePaid());
        requireBudget(recipe, open);
      },
      onTexts: (done, total) => onProgress("vectors of passages", done, total),
    })
    .finally(() => open.recordSpend("vectors", retrieval.takePaid()));
}

/** Records the cost of embedded questions batch by batch. */
function withVectorCosts(
  respond: AnswerQuestions,
  retrieval: Retrieval | null,
  open: OpenTry,
): AnswerQuestions {
  return async (arm, questions) => {
    const paid = retrieval?.takePaid() ?? usd(0);
    if (paid > 0) await open.recordSpend("vectors", paid);
    return respond(arm, questions);
  };
}

interface AnsweringModels {
  readonly local: LocalModel | null;
  readonly others: LlamaModels;
  readonly examples: ShownExamples;
  readonly api: ApiModel;
}

/** Dispatches an arm's questions to the model that answers them. */
function answererOf(
  { recipe, tokenizer }: Prepared,
  { local, others, examples, api }: AnsweringModels,
  runtime: Runtime,
  decoding: Decoding,
): AnswerQuestions {
  const price = { runtime, usdPerHour: usd(recipe.machine.usdPerHour) };
  const byVote = answerByVote(examples, price);
  const byOthers = answerByLlama(others.models, recipe.evaluation.maxNewTokens, price);
  const here =
    local &&
    answerLocally({
      model: local.model,
      decoder: { tokenizer, recipe, decoding, signal: runtime.signal },
      adapters: local.adapters,
      ...price,
    });
  return (arm, questions) => {
    if (arm.model === "api") return api.respond(arm, questions);
    if (arm.model === "local") return byOthers(arm, questions);
    if (arm.model === "neighbours") return byVote(arm, questions);
    if (here === null) throw new Error("Internal: a local arm without a model");
    return here(arm, questions);
  };
}

/** @throws {TunewiseError} `RUN_BLOCKED` */
function requireUnblocked(findings: readonly Finding[]): void {
  // leaked test rows do not block the try, because the comparison excludes them
  const errors = findings.filter(({ severity, code }) => severity === "error" && code !== leakCode);
  if (errors.length === 0) return;
  const about = { count: errors.length, first: errors[0]?.detail ?? "", code: errors[0]?.code ?? "" };
  throw problem("RUN_BLOCKED", about);
}
