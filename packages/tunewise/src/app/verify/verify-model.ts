/** @file `tunewise model verify`: compares an export in the runtime that loads it with the run that it comes from. */
import { readdir, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Conversation } from "@tunewise/core/rows";
import { clusterRows } from "@tunewise/datacheck";
import { readSplits } from "@tunewise/datacheck/dataset";
import { templateVariables } from "@tunewise/engine/tokenize";
import { localData, type OnDownload } from "../../prepare/index.ts";
import { problem, TunewiseError } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { type FoundTextModel, findTextModel } from "../inference/index.ts";
import { type FoundRun, findRun, recipeOfRun } from "../runs/index.ts";
import { compareRuntime, type RuntimeComparison } from "./compare.ts";
import { builtInConversations } from "./conversations.ts";
import { endpointOf, probeEndpoint } from "./endpoint.ts";
import type { EndpointAddress } from "./endpoint-client.ts";
import type { ProbeReply, RuntimePrompt } from "./probe.ts";
import { type LocalRuntime, localRuntimes, placeOf, probeLocally } from "./program.ts";
import { answerTokens, computeReference, type Reference } from "./reference.ts";

/** Options of a verification. */
export interface VerifyOptions {
  /** `llama.cpp`, `transformers`, `transformers.js`, `ollama`, `vllm`, or the address of a server. */
  readonly in: string;
  /** The exported file or folder. Default: the run's export in the format of the runtime. */
  readonly export?: string;
  /** Name of the model at a server. Default: that of the run, or the only one. */
  readonly model?: string;
  /** Environment variable with the API key of a server. */
  readonly keyVariable?: string;
  /** Whether to use only the built-in conversations, and no rows of the run. */
  readonly builtIn?: boolean;
  /** Folder of runs. */
  readonly output?: string;
  readonly onDownload?: OnDownload;
}

/** The outcome of a verification. */
export interface Verification extends RuntimeComparison {
  /** What was given: a run's id, or a path. */
  readonly source: string;
  /** Where the reference comes from: the run, or the export itself as tunewise reads it. */
  readonly against: "run" | "export";
  /** The exported file or folder, or the address of the server. */
  readonly export: string;
  /** Name and version of the runtime. */
  readonly runtime: string;
  readonly conversations: {
    readonly count: number;
    /** Test rows among them. */
    readonly testRows: number;
    /** Those that the chat template or the context refuses. */
    readonly refused: number;
  };
  /** What the runtime does not show, so that it was not compared. */
  readonly untested: readonly string[];
}

/** Number of conversations, and how many of them are test rows if the run has any. */
const size = { all: 20, testRows: 12 } as const;

/**
 * Verifies an export.
 *
 * @param source a run (id, prefix, `latest`), or an exported file or folder
 * @throws {TunewiseError} `RUN_NOT_FOUND`, `MODEL_NOT_FOUND`, `VERIFY_EXPORT_MISSING`, `VERIFY_RUNTIME_MISSING`,
 *   `VERIFY_RUNTIME_UNKNOWN`, `VERIFY_RUNTIME_FAILED`, `VERIFY_SERVER_UNREACHABLE`, `VERIFY_MODEL_UNKNOWN`
 */
export async function verifyModel(
  source: string,
  runtime: Runtime,
  options: VerifyOptions,
): Promise<Verification> {
  const target = targetOf(options, runtime.environment);
  const run = await findRun(source, runtime, options.output).catch((error: unknown) => {
    if (TunewiseError.is(error) && error.code === "RUN_NOT_FOUND") return null;
    throw error;
  });
  const path =
    target.local === null ? target.address.url : await exportOf(source, run, runtime, target.local, options);
  const testRows = run && !options.builtIn ? await testConversations(run, runtime, options.onDownload) : [];
  const given = [...testRows, ...builtInConversations].slice(0, size.all);
  const reference = await openReference(await findTextModel(source, runtime, options), given, runtime);
  const compared =
    target.local === null
      ? await compareEndpoint(
          target.address,
          reference,
          runtime.signal,
          options.model ?? null,
          run?.run.id ?? null,
        )
      : await compareExport(path, reference, runtime, target.local);
  return {
    source: run?.run.id ?? source,
    against: run ? "run" : "export",
    export: path,
    conversations: {
      count: reference.conversations.length,
      testRows: reference.conversations.filter((one) => testRows.includes(one)).length,
      refused: reference.refused,
    },
    ...compared,
  };
}

type Target = { readonly local: LocalRuntime } | { readonly local: null; readonly address: EndpointAddress };

/** Checks the runtime before anything is computed. */
function targetOf({ in: name, keyVariable }: VerifyOptions, environment: Runtime["environment"]): Target {
  const local = localRuntimes.find((one) => one === name);
  if (local === undefined)
    return { local: null, address: endpointOf(name, keyVariable ?? null, environment) };
  placeOf(local, environment);
  return { local };
}

/** The reference of a model, and the folder of its base. */
export interface ModelReference extends Reference {
  /** `null` if it is one file. */
  readonly folder: string | null;
}

/** Opens a model, computes the reference, and closes the model. */
export async function openReference(
  found: FoundTextModel,
  given: readonly Conversation[],
  { signal }: Pick<Runtime, "signal">,
): Promise<ModelReference> {
  const { files } = found;
  const model = await found.open();
  try {
    const adapter = (await found.variants[0]?.load?.(model)) ?? null;
    const reference = await computeReference({ files, model, adapter }, given, signal);
    return { ...reference, folder: files.folder ?? null };
  } finally {
    await model.close();
    await files.weights.close();
  }
}

/**
 * Loads an export in a runtime and compares both.
 *
 * @throws {TunewiseError} `VERIFY_RUNTIME_MISSING`, `VERIFY_RUNTIME_FAILED`
 */
export async function compareExport(
  path: string,
  { expected, conversations, folder }: ModelReference,
  runtime: Runtime,
  name: LocalRuntime,
): Promise<Compared> {
  const job = {
    path,
    base: folder,
    threads: runtime.cores,
    conversations: conversations.map(templateVariables),
    texts: expected.texts.map(({ text }) => text),
    rows: expected.rows.map(({ ids, from }) => ({ ids, from })),
    endIds: expected.endTokens.map(({ id }) => id),
    answerTokens,
  };
  return comparedWith(await probeLocally(name, job, runtime), expected);
}

/**
 * Compares a model that a server offers.
 *
 * @param model its name there; `null`: that of the run, or the only one
 * @throws {TunewiseError} `VERIFY_SERVER_UNREACHABLE`, `VERIFY_MODEL_UNKNOWN`, `VERIFY_RUNTIME_FAILED`
 */
export async function compareEndpoint(
  address: EndpointAddress,
  { expected, conversations }: Reference,
  signal: AbortSignal,
  model: string | null,
  runId: string | null,
): Promise<Compared> {
  const job = { expected, conversations: conversations.map(templateVariables), answerTokens, model, runId };
  return comparedWith(await probeEndpoint(address, job, signal), expected);
}

type Compared = RuntimeComparison & Pick<Verification, "runtime" | "untested">;

function comparedWith(reply: ProbeReply, expected: Reference["expected"]): Compared {
  return { runtime: reply.runtime, untested: untestedParts(reply), ...compareRuntime(expected, reply) };
}

/** Formats that each runtime reads, the preferred one first. */
const formats: Readonly<Record<LocalRuntime, readonly string[]>> = {
  "llama.cpp": ["gguf"],
  transformers: ["merged", "peft"],
  "transformers.js": ["onnx"],
};

async function exportOf(
  source: string,
  run: FoundRun | null,
  { cwd }: Runtime,
  name: LocalRuntime,
  { export: given }: VerifyOptions,
): Promise<string> {
  const own = run
    ? formats[name].map((format) => join(run.folder.path, "export", format))
    : [resolve(cwd, source)];
  const candidates = given === undefined ? own : [resolve(cwd, given)];
  for (const path of candidates) {
    const found = await stat(path).catch(() => null);
    if (found?.isFile() || (found && name !== "llama.cpp")) return path;
    const files = found ? await readdir(path) : [];
    const gguf = files.find((file) => /^model.*\.gguf$/.test(file));
    if (gguf !== undefined) return join(path, gguf);
  }
  const [format = ""] = formats[name];
  const [path = ""] = candidates;
  throw problem("VERIFY_EXPORT_MISSING", { path, runtime: name, run: run?.run.id ?? "RUN", format });
}

/** Prompts of test rows, spread evenly over the file. */
async function testConversations(
  found: FoundRun,
  runtime: Runtime,
  onDownload?: OnDownload,
): Promise<Conversation[]> {
  const { recipe, folder } = await recipeOfRun(found);
  const data = await localData(recipe.data, runtime, onDownload);
  const { splits } = await readSplits({ ...data, badRows: "skip", folder, cluster: clusterRows });
  const { test } = splits;
  const step = Math.max(1, test.length / size.testRows);
  return Array.from({ length: Math.min(size.testRows, test.length) }, (_, at) => {
    const { messages, tools } = test[Math.floor(at * step)] as (typeof test)[number];
    return { messages: messages.slice(0, -1), ...(tools && { tools }) };
  });
}

function untestedParts({ prompts, texts, scores, ends, answers }: ProbeReply): string[] {
  const isHidden = ({ ids, text, error }: RuntimePrompt): boolean =>
    ids === null && text === null && error === undefined;
  const isCounted = prompts.every((one) => !isHidden(one) || one.count !== undefined);
  const prompt = isCounted ? "text of prompts (only their number of tokens)" : "some prompts";
  const parts: readonly (readonly [string, boolean])[] = [
    [prompt, prompts.some(isHidden)],
    ["vocabulary", texts === null],
    ["weights and positions", scores === null],
    ["stop tokens", ends === null || ends.includes(null)],
    ["greedy answers", answers === null],
    ["some greedy answers", answers?.includes(null) ?? false],
  ];
  return parts.flatMap(([name, isMissing]) => (isMissing ? [name] : []));
}
