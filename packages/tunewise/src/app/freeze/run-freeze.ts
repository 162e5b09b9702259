/**
 * @file `tunewise freeze`: asks a live model test rows, new prompts and prompts of logs, and writes its answers to a
 * file that later comparisons use without the model.
 *
 *     questions ─► approve ─► metered client ─► answers in the store ─► frozen reference
 *
 * The store has each answer as soon as it is paid for, so a killed command loses only questions in flight. The file is
 * written at the end, whatever ended the command.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { dollars, type Usd, usd } from "@tunewise/core/quantity";
import { splitReasoning } from "@tunewise/core/rows";
import { type Database, openDatabase, storePath } from "@tunewise/tracker";
import {
  type CompletionRequest,
  type Endpoint,
  type EndpointStyle,
  isOtherModel,
  placeOf,
} from "../../ask/index.ts";
import { type RowsPlanned, rowsForMargin } from "../../evaluate/index.ts";
import type { LoadedRecipe } from "../../prepare/index.ts";
import { type Finding, problem, TunewiseError } from "../../problem/index.ts";
import { isOwnAddress } from "../../recipe/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import {
  type FrozenAnswer,
  type FrozenHeader,
  type FrozenParameters,
  type FrozenReference,
  readFrozenReference,
  writeFrozenReference,
} from "../../scoring/index.ts";
import {
  type AnswerPaid,
  costOfTokens,
  endpointFrom,
  leaseOwnerOf,
  type MeteredClient,
  openMeteredClient,
  type TokenPrice,
  tokenPriceOf,
} from "../metered-client/index.ts";
import { loadPriceBook } from "../prices/index.ts";
import { recordLoop } from "../tracking/index.ts";
import { type AskStop, askQuestions, type QuestionResults } from "./ask-questions.ts";
import { type CollectedQuestions, collectQuestions, type FrozenQuestion } from "./frozen-questions.ts";
import { createMask, type MaskSecrets } from "./mask-secrets.ts";

/** What to freeze, and within which limits. */
export interface FreezeRequest {
  readonly model: string;
  /** Address of the API, and the environment variable of its key; `null`: none is sent. */
  readonly url: string;
  readonly keyVariable: string | null;
  readonly style: EndpointStyle | null;
  /** Dollars per million tokens; `null`: from the price book. */
  readonly usdPerMillion: { readonly input: number; readonly output: number } | null;
  /** Asked for its test rows and decoding settings; `null`: none. */
  readonly recipe: LoadedRecipe | null;
  /** Files of prompts, relative to the working directory; `null`: none. */
  readonly prompts: string | null;
  readonly logs: string | null;
  readonly parameters: FrozenParameters;
  readonly wantsLogprobs: boolean;
  readonly concurrency: number;
  /** Folder of the store. */
  readonly store: string;
  /** Absolute path of the frozen reference, and as typed. */
  readonly path: string;
  readonly shownPath: string;
  /** Caps; `null`: none. */
  readonly capUsd: number | null;
  readonly capMinutes: number | null;
  /** How long to keep trying while the endpoint answers nothing. */
  readonly patienceSeconds: number;
}

/** What a freeze would do, before any request. */
export interface FreezePreview {
  readonly model: string;
  readonly endpoint: string;
  readonly questions: number;
  readonly repeated: number;
  readonly leaked: number;
  /** Questions whose answers are in the file or the store already. */
  readonly known: number;
  /** Expected and maximum cost of the others in dollars. */
  readonly usd: { readonly expected: number; readonly most: number };
  readonly priceSource: string;
  readonly capUsd: number | null;
  /** What `compare --not-worse` will need for the recipe's margin; `null` without a recipe. */
  readonly notWorse: {
    readonly margin: number;
    /** Questions that are test rows. */
    readonly testRows: number;
    readonly rowsNeeded: readonly RowsPlanned[];
  } | null;
  /** Warnings about rows that cannot be asked. */
  readonly findings: readonly Finding[];
  /** Whether this is the first freeze of this file. */
  readonly isFirst: boolean;
}

/** Options of a freeze. */
export interface FreezeOptions {
  /** Called before anything is paid; `false` cancels. */
  readonly approve: (preview: FreezePreview) => Promise<boolean>;
  readonly onProgress: (name: string, done: number, total: number) => void;
}

/** The result of a freeze. */
export interface FreezeOutcome {
  readonly header: FrozenHeader;
  readonly path: string;
  /** Questions, and those that have no answer in the file. */
  readonly questions: number;
  readonly missing: number;
  /** Questions that the endpoint refuses, with its reason. */
  readonly refused: QuestionResults["refused"];
  readonly lastFailure: string | null;
  /** Answers that another model than the requested one gave. */
  readonly otherModels: readonly string[];
  /** Answers with masked secrets in them or in their questions. */
  readonly masked: number;
  /** Paid by this command, failed attempts included. */
  readonly paid: Usd;
  readonly stop: AskStop | null;
  /** Dollars that suffice as the cap to complete the file; `null`: no cap is needed. */
  readonly enoughUsd: number | null;
}

/**
 * Freezes a model.
 *
 * @returns `null` if `approve` declined
 * @throws {TunewiseError} `FREEZE_NOTHING`, `FREEZE_FILE_TAKEN`, `FREEZE_PRICE_UNKNOWN`, `FREEZE_WITHOUT_BUDGET`,
 *   `ASK_KEY_MISSING`, `ASK_ADDRESS_INVALID`, and those of `collectQuestions`, `readFrozenReference` and the store
 */
export async function runFreeze(
  request: FreezeRequest,
  runtime: Runtime,
  options: FreezeOptions,
): Promise<FreezeOutcome | null> {
  const collected = await collectQuestions(request, runtime);
  if (collected.questions.length === 0) throw problem("FREEZE_NOTHING", { model: request.model });
  const endpoint = endpointOf(request, runtime);
  const price = await priceOf(request, runtime);
  const before = await earlierAnswers(request);
  await mkdir(request.store, { recursive: true });
  const database = await openDatabase(storePath(request.store));
  try {
    const client = await openClient(request, endpoint, price, database, runtime);
    const freezing: Freezing = { request, endpoint, price, client, before, collected, runtime };
    const preview = await previewOf(freezing);
    if (!(await options.approve(preview))) return null;
    return await freezeApproved(freezing, options);
  } finally {
    await database.close();
  }
}

interface Freezing {
  readonly request: FreezeRequest;
  readonly endpoint: Endpoint;
  readonly price: TokenPrice;
  readonly client: MeteredClient;
  /** The file of an earlier freeze; `null`: none. */
  readonly before: FrozenReference | null;
  readonly collected: CollectedQuestions;
  readonly runtime: Runtime;
}

function endpointOf(
  { url, model, keyVariable, style, concurrency }: FreezeRequest,
  runtime: Runtime,
): Endpoint {
  const settings = { url, model, keyVariable, concurrency, ...(style !== null && { style }) };
  return endpointFrom(settings, runtime);
}

async function priceOf(
  { model, url, usdPerMillion, recipe }: FreezeRequest,
  runtime: Runtime,
): Promise<TokenPrice> {
  const { prices } = await loadPriceBook(runtime, recipe?.folder ?? runtime.cwd);
  try {
    return tokenPriceOf({ model, usdPerMillion, isFree: isOwnAddress(url) }, prices);
  } catch (cause) {
    if (!TunewiseError.is(cause) || cause.code !== "ASK_PRICE_UNKNOWN") throw cause;
    throw problem("FREEZE_PRICE_UNKNOWN", { model }, { cause });
  }
}

/** Reads the file of an earlier freeze, whose answers are not asked for again. */
async function earlierAnswers(request: FreezeRequest): Promise<FrozenReference | null> {
  const { path, shownPath, model, url, parameters } = request;
  if (!existsSync(path)) return null;
  const found = await readFrozenReference(path);
  const { header } = found;
  const differs =
    header.model !== model
      ? `of ${header.model}`
      : header.endpoint !== placeOf(url)
        ? `from ${header.endpoint}`
        : JSON.stringify(header.parameters) !== JSON.stringify(parameters)
          ? "with other decoding settings"
          : null;
  if (differs !== null) throw problem("FREEZE_FILE_TAKEN", { path: shownPath, differs, model });
  return found;
}

/** @throws {TunewiseError} `FREEZE_WITHOUT_BUDGET` */
async function openClient(
  { model, capUsd }: FreezeRequest,
  endpoint: Endpoint,
  price: TokenPrice,
  database: Database,
  runtime: Runtime,
): Promise<MeteredClient> {
  if (capUsd === null && price.inputUsd + price.outputUsd > 0)
    throw problem("FREEZE_WITHOUT_BUDGET", { model });
  const owner = await leaseOwnerOf(runtime.processes, randomUUID());
  const cap = capUsd === null ? null : usd(capUsd);
  const account = `freeze ${model}`;
  return openMeteredClient({ endpoint, price, account, cap }, database, owner, runtime);
}

/** Questions that the file does not answer yet. */
function openQuestions({ collected, before }: Freezing): FrozenQuestion[] {
  return collected.questions.filter(({ key }) => !before?.answers.has(key));
}

async function previewOf(freezing: Freezing): Promise<FreezePreview> {
  const { request, endpoint, client, collected, before, price } = freezing;
  const { questions, repeated, leaked, findings } = collected;
  const open = openQuestions(freezing);
  const margin = request.recipe?.recipe.decision.margin ?? null;
  const testRows = questions.filter(({ source }) => source === "test").length;
  const expected = await client.expectedPrice(open.map((one) => requestOf(one, request)));
  return {
    model: request.model,
    endpoint: placeOf(endpoint.url),
    questions: questions.length,
    repeated,
    leaked,
    known: questions.length - open.length + expected.kept,
    usd: { expected: dollars(expected.price.expected), most: dollars(expected.most) },
    priceSource: price.source,
    capUsd: request.capUsd,
    notWorse: margin === null ? null : { margin, testRows, rowsNeeded: rowsForMargin(margin) },
    findings,
    isFirst: before === null,
  };
}

/** The request for a question: its turns and tools as they are, with the settings of the file. */
function requestOf(
  { messages, tools }: FrozenQuestion,
  { parameters, wantsLogprobs }: FreezeRequest,
): CompletionRequest {
  return {
    messages: messages.map(({ role, content, toolCalls, toolCallId }) => ({
      role,
      content,
      ...(toolCalls !== undefined && { toolCalls }),
      ...(toolCallId !== undefined && { toolCallId }),
    })),
    maxTokens: parameters.maxTokens,
    temperature: parameters.temperature,
    topP: parameters.topP,
    seed: parameters.seed,
    stop: [],
    ...(tools.length > 0 && { tools }),
    ...(wantsLogprobs && { logprobs: true }),
  };
}

async function freezeApproved(freezing: Freezing, options: FreezeOptions): Promise<FreezeOutcome> {
  const { request, client, collected, before, runtime, price } = freezing;
  const { questions } = collected;
  const run = await recordLoop(
    {
      project: `freeze ${request.model}`.slice(0, 200),
      params: { model: request.model, endpoint: placeOf(request.url), questions: questions.length },
      store: request.store,
    },
    runtime,
  );
  client.chargeTo(run.id);
  const answers = new Map(before?.answers ?? []);
  const leftOut = new Set(before?.header.leftOut ?? []);
  const mask = createMask(request.parameters.seed ?? 0);
  const startSeconds = runtime.elapsedSeconds();
  let status: "completed" | "stopped" | "failed" = "failed";
  try {
    const asked = await askQuestions({
      questions: openQuestions(freezing),
      client,
      requestOf: (question) => requestOf(question, request),
      concurrency: request.concurrency,
      patienceSeconds: request.patienceSeconds,
      limitSeconds: request.capMinutes === null ? null : startSeconds + 60 * request.capMinutes,
      runtime,
      sleep: (ms) => pause(ms, undefined, { signal: runtime.signal }).catch(() => undefined),
      stopReason: () => run.stopReason,
      onAnswer: (question, paid) => {
        answers.set(question.key, frozenAnswer(question, paid, price, mask));
        for (const setting of paid.answer.leftOut) leftOut.add(setting);
        options.onProgress("answers", countAnswered(questions, answers), questions.length);
      },
    });
    const missing = questions.length - countAnswered(questions, answers);
    const header = await writeFile(freezing, [...answers.values()], [...leftOut], missing);
    run.log({ answers: header.answers, missing });
    status = asked.stop === null && missing === 0 ? "completed" : "stopped";
    return outcomeOf(freezing, {
      asked,
      answers,
      header,
      missing,
      enoughUsd: await enoughUsd(freezing, asked),
    });
  } finally {
    await run.end({ status }).catch((error: unknown) => {
      // the answers matter more than the record's last line
      if (status !== "failed") runtime.note?.(`the run could not be ended in the record: ${String(error)}`);
    });
  }
}

function countAnswered(
  questions: readonly FrozenQuestion[],
  answers: ReadonlyMap<string, FrozenAnswer>,
): number {
  return questions.reduce((sum, { key }) => sum + (answers.has(key) ? 1 : 0), 0);
}

async function writeFile(
  { request, price, endpoint, runtime }: Freezing,
  answers: readonly FrozenAnswer[],
  leftOut: readonly string[],
  missing: number,
): Promise<FrozenHeader> {
  await mkdir(dirname(request.path), { recursive: true });
  const about = {
    model: request.model,
    endpoint: placeOf(endpoint.url),
    style: endpoint.style,
    createdAt: runtime.now().toISOString(),
    parameters: request.parameters,
    leftOut,
    price: {
      input: dollars(price.inputUsd),
      cachedInput: dollars(price.cachedInputUsd),
      output: dollars(price.outputUsd),
      source: price.source,
    },
    missing,
  };
  return writeFrozenReference(request.path, about, answers);
}

function frozenAnswer(
  question: FrozenQuestion,
  { answer, storedMs }: AnswerPaid,
  price: TokenPrice,
  mask: MaskSecrets,
): FrozenAnswer {
  const { key, source, row, messages, tools, reference } = question;
  const { text, toolCalls, logprobs } = answer;
  const { content } = splitReasoning(text, true);
  const { isMasked, ...texts } = mask({
    messages,
    tools,
    reference,
    answer: { content, ...(toolCalls !== undefined && { toolCalls }) },
  });
  return {
    key,
    source,
    row,
    ...texts,
    finish: answer.finish,
    promptTokens: answer.promptTokens,
    cachedPromptTokens: answer.cachedPromptTokens,
    answerTokens: answer.answerTokens,
    usage: answer.usage,
    logprobs: logprobs === undefined || isMasked ? null : logprobs, // tokens would spell out what is masked
    seconds: answer.seconds,
    cost: costOfTokens(price, answer),
    model: answer.model,
    askedAt: new Date(storedMs).toISOString(),
    isMasked,
  };
}

/** A cap that suffices for the questions that wait: what is gone, their maximum, and a margin for failed attempts. */
async function enoughUsd(
  { client, request, price }: Freezing,
  { waiting }: QuestionResults,
): Promise<number | null> {
  if (price.inputUsd + price.outputUsd === 0) return null;
  const { spentMicroUsd, reservedMicroUsd, lostMicroUsd } = await client.standing();
  const gone = (spentMicroUsd + reservedMicroUsd + lostMicroUsd) / 1e6;
  const { most } = await client.expectedPrice(waiting.map((one) => requestOf(one, request)));
  return gone + 1.2 * dollars(most);
}

/** Names of other models that answered, at most five. A deployment of Azure has a name of its own. */
function otherModels({ model, style }: FrozenHeader, answers: readonly FrozenAnswer[]): string[] {
  if (style === "azure") return [];
  const names = new Set(answers.map((one) => one.model));
  return [...names].filter((name) => isOtherModel(model, name)).slice(0, 5);
}

function outcomeOf(
  { request, client, collected }: Freezing,
  {
    asked,
    answers,
    header,
    missing,
    enoughUsd: enough,
  }: {
    readonly asked: QuestionResults;
    readonly answers: ReadonlyMap<string, FrozenAnswer>;
    readonly header: FrozenHeader;
    readonly missing: number;
    readonly enoughUsd: number | null;
  },
): FreezeOutcome {
  const all = [...answers.values()];
  return {
    header,
    path: request.path,
    questions: collected.questions.length,
    missing,
    refused: asked.refused,
    lastFailure: asked.lastFailure,
    otherModels: otherModels(header, all),
    masked: all.filter(({ isMasked }) => isMasked).length,
    paid: client.takePaid(),
    stop: asked.stop,
    enoughUsd: enough,
  };
}
