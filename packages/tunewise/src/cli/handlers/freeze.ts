/** @file `tunewise freeze`: stores the answers of a model behind an API in a file. */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { shellWord } from "@tunewise/core/format";
import { countOf, usd, usdText } from "@tunewise/core/quantity";
import {
  type FreezeOutcome,
  type FreezePreview,
  type FreezeRequest,
  runFreeze,
} from "../../app/freeze/index.ts";
import { type LoadedRecipe, loadRecipe } from "../../prepare/index.ts";
import { problem } from "../../problem/index.ts";
import type { Runtime } from "../../runtime/index.ts";
import { frozenFile } from "../../scoring/index.ts";
import { budgetFlag, type Call, isOn, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE, FAILED, INTERRUPTED } from "../exit-codes.ts";
import { calledText, roundedUp } from "../render/next-command.ts";
import { findingsText } from "../render/problem.ts";
import { createPhaseProgress } from "../render/progress.ts";
import { plain } from "../render/terminal.ts";
import { askYes, runtimeOf } from "./context.ts";
import { vendorOf } from "./vendor.ts";

/**
 * Freezes a model and prints what the file has and what it lacks.
 *
 * @throws {TunewiseError} `RUN_NOT_APPROVED`, `USAGE_VALUE_INVALID`, and those of `runFreeze`
 */
export async function handle(call: Call, console: Console): Promise<number> {
  const runtime = runtimeOf(console);
  const request = await requestOf(call, console, runtime);
  const progress = createPhaseProgress(console);
  try {
    const outcome = await runFreeze(request, runtime, {
      approve: async (preview) => {
        const isApproved = await consent(preview, call, console);
        if (isApproved) console.io.beginSaving();
        return isApproved;
      },
      onProgress: progress.phase,
    });
    progress.close();
    if (outcome === null) return DONE;
    show(outcome, request, call, console);
    return exitCodeOf(outcome);
  } finally {
    progress.close();
  }
}

async function requestOf(call: Call, console: Console, runtime: Runtime): Promise<FreezeRequest> {
  const { cwd } = console.io;
  const recipe = await recipeOf(call, runtime);
  const folder = recipe?.folder ?? cwd;
  const vendor = vendorOf(call, console.io.env);
  const { usd: capUsd, minutes } = budgetFlag(call);
  const output = textFlag(call, "output");
  const path = output === null ? join(folder, frozenFile) : resolve(cwd, output);
  const { evaluation, training, budget, output: store } = recipe?.recipe ?? {};
  return {
    model: call.words[0] ?? "",
    ...vendor,
    usdPerMillion: priceOf(textFlag(call, "price")),
    recipe,
    prompts: textFlag(call, "prompts"),
    logs: textFlag(call, "logs"),
    parameters: {
      maxTokens: numberFlag(call, "max-tokens") ?? evaluation?.maxNewTokens ?? defaultMaxTokens,
      temperature: evaluation?.temperature ?? 0,
      topP: evaluation === undefined || evaluation.topP === 1 ? null : evaluation.topP,
      seed: training?.seed ?? null,
    },
    wantsLogprobs: !isOn(call, "no-logprobs"),
    concurrency: numberFlag(call, "concurrency") ?? 4,
    store: resolve(folder, store ?? ".tunewise"),
    path,
    shownPath: output ?? (relative(cwd, path) || path),
    capUsd: capUsd ?? budget?.usd ?? null,
    capMinutes: minutes,
    patienceSeconds: 60 * (numberFlag(call, "wait-minutes") ?? 10),
  };
}

/** Maximum length of an answer without a recipe. */
const defaultMaxTokens = 1024;

async function recipeOf(call: Call, runtime: Runtime): Promise<LoadedRecipe | null> {
  const named = textFlag(call, "recipe");
  if (named === null && !existsSync(resolve(runtime.cwd, "tunewise.yaml"))) return null;
  return loadRecipe(named ?? "tunewise.yaml", runtime, {});
}

/** @throws {TunewiseError} `USAGE_VALUE_INVALID` */
function priceOf(text: string | null): { readonly input: number; readonly output: number } | null {
  if (text === null) return null;
  const [, input, output] = /^(\d{1,5}(?:\.\d{1,6})?),(\d{1,5}(?:\.\d{1,6})?)$/.exec(text) ?? [];
  if (input === undefined || output === undefined) {
    throw problem("USAGE_VALUE_INVALID", {
      name: "--price",
      expected: "two prices in dollars per million tokens",
      found: text,
      fix: "--price 0.30,1.20",
    });
  }
  return { input: Number(input), output: Number(output) };
}

/** Shows what will be asked and what it may cost, and asks for approval if it costs money. */
async function consent(preview: FreezePreview, call: Call, console: Console): Promise<boolean> {
  if (preview.findings.length > 0)
    console.info(`${findingsText([...preview.findings], console.paintStderr)}\n`);
  if (isOn(call, "dry-run")) {
    console.output(preview, () => previewText(preview));
    return false;
  }
  console.info(`${previewText(preview)}\n`);
  if (preview.usd.most === 0 || isOn(call, "yes")) return true;
  const most = usdText(usd(Math.min(preview.usd.most, preview.capUsd ?? Number.POSITIVE_INFINITY)));
  if (!console.canAsk) {
    throw problem("RUN_NOT_APPROVED", {
      reason: `the API may cost up to ${most}, and there is no terminal to ask in`,
      command: `${calledText(call)} --yes`,
    });
  }
  return askYes(`Spend up to ${most}?`, "freeze");
}

function previewText(preview: FreezePreview): string {
  const { model, endpoint, questions, repeated, leaked, known, usd: cost, priceSource, capUsd } = preview;
  const left = [
    repeated === 0 ? "" : `${countOf(repeated, "repeated question")} asked once`,
    leaked === 0 ? "" : `${countOf(leaked, "leaked test row")} left out`,
    known === 0 ? "" : `${countOf(known, "answer")} stored already`,
  ].filter((one) => one !== "");
  const cap = capUsd === null ? "" : `; cap ${usdText(usd(capUsd))}`;
  const money =
    cost.most === 0
      ? "nothing is paid for"
      : `about ${usdText(usd(cost.expected))}, at most ${usdText(usd(cost.most))} (${priceSource})${cap}`;
  return [
    `${countOf(questions, "question")} for ${plain(model)} at ${plain(endpoint)}${left.map((one) => `; ${one}`).join("")}`,
    money,
    ...(preview.notWorse === null ? [] : [powerText(preview.notWorse)]),
    ...(preview.isFirst ? ["Check the vendor's terms before you train on its model's outputs."] : []),
  ].join("\n");
}

/** How many test rows a later comparison needs, while their answers can still be stored. */
function powerText({ margin, testRows, rowsNeeded }: NonNullable<FreezePreview["notWorse"]>): string {
  const cases = rowsNeeded.map(
    ({ flips, rows }) =>
      `${rows === null ? "more than 20,000" : rows.toLocaleString("en-US")} if they differ on ${100 * flips} %`,
  );
  return [
    `there are ${countOf(testRows, "test row")}; to show that an equally good model loses at most ${(100 * margin).toFixed(1)} points,`,
    `compare --not-worse needs ${cases.join(", ")} of them`,
  ].join(" ");
}

function show(outcome: FreezeOutcome, { shownPath }: FreezeRequest, call: Call, console: Console): void {
  const { header, questions, missing, refused, stop, paid, masked, otherModels } = outcome;
  const next = missing === 0 || stop?.by === "gone" ? null : nextText(outcome, call);
  if (console.json) {
    console.document({
      path: outcome.path,
      ...header,
      questions,
      missing,
      refused: refused.map(({ question, reason }) => ({
        source: question.source,
        row: question.row,
        reason,
      })),
      masked,
      other_models: otherModels,
      paid_usd: paid / 1e6,
      stopped: stop && { by: stop.by, reason: stop.reason },
      next,
    });
    return;
  }
  for (const line of remarks(outcome)) console.info(plain(line));
  const lacking = missing === 0 ? "" : `, ${countOf(missing, "question")} without an answer`;
  console.result(
    `${shownPath}: ${countOf(header.answers, "answer")} of ${plain(header.model)}${lacking}; paid ${usdText(paid)}; sha256 ${header.sha256.slice(0, 16)}`,
  );
  if (next !== null) console.info(`next: ${next}`);
}

const stopTexts = {
  cap: "stopped at the cap",
  time: "stopped at the minutes of --budget",
  budget: "stopped",
  gone: "stopped: the model cannot be asked",
  failing: "stopped: the API gave no answer for too long",
  interrupted: "stopped by a signal",
} as const;

function remarks({ stop, refused, masked, otherModels, lastFailure, missing }: FreezeOutcome): string[] {
  const [first] = refused;
  return [
    ...(stop === null ? [] : [`${stopTexts[stop.by]}${stop.reason === null ? "" : `: ${stop.reason}`}`]),
    ...(stop === null && missing > refused.length && lastFailure !== null
      ? [`questions failed again and again: ${lastFailure}`]
      : []),
    ...(first === undefined
      ? []
      : [
          `the API refuses ${countOf(refused.length, "question")}, first ${first.question.source} row ${first.question.row}: ${first.reason}`,
        ]),
    ...(masked === 0
      ? []
      : [
          `${countOf(masked, "answer")} with keys or passwords in row or answer; they are masked in the file`,
        ]),
    ...otherModels.map((name) => `some answers come from ${name}, which was not asked`),
  ];
}

/** The same command, with a cap that suffices and the approval left to the user. */
function nextText({ stop, enoughUsd }: FreezeOutcome, call: Call): string {
  if (stop?.by !== "cap" || enoughUsd === null) return calledText(call);
  const flags = new Map(call.flags);
  flags.delete("budget");
  return `${calledText({ ...call, flags })} --budget ${shellWord(`${roundedUp(enoughUsd)}usd`)}`;
}

function exitCodeOf({ stop, missing }: FreezeOutcome): number {
  if (stop?.by === "interrupted") return INTERRUPTED;
  if (stop?.by === "cap" || stop?.by === "time" || stop?.by === "budget") return CHECK_SAID_NO;
  if (stop !== null) return stop.cause?.code === "ASK_KEY_REFUSED" ? 4 : FAILED;
  return missing === 0 ? DONE : CHECK_SAID_NO;
}
