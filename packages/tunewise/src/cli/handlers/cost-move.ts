/** @file `tunewise cost move`: in which month a move off an API model has paid off. */
import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Range, type Usd, usd } from "@tunewise/core/quantity";
import { blocks } from "../../app/check/index.ts";
import { emptyMove, type MoveRequest, planMove } from "../../app/pay-off/index.ts";
import { problem } from "../../problem/index.ts";
import { type MoveBlock, type MoveDocument, moveAnswer, moveBlocks } from "../../report/index.ts";
import { type Call, numberFlag, textFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { CHECK_SAID_NO, DONE } from "../exit-codes.ts";
import { findingsText } from "../render/problem.ts";
import { reportTable, wrap } from "../render/table.ts";
import { plain } from "../render/terminal.ts";
import { runtimeOf } from "./context.ts";

const defaultRecipe = "tunewise.yaml";

/** Shows blockers, the answer, one table and its basis; exit code 2 if a finding blocks. */
export async function handle(call: Call, console: Console): Promise<number> {
  const document = await planMove(requestOf(call, console), runtimeOf(console));
  const isBlocked = blocks(document.findings, "error");
  console.output({ answer: moveAnswer(document), ...document }, () => textOf(document, console));
  return isBlocked ? CHECK_SAID_NO : DONE;
}

function textOf(document: MoveDocument, console: Console): string {
  const errors = document.findings.filter(({ severity }) => severity === "error");
  const others = document.findings.filter(({ severity }) => severity !== "error");
  const shown = (findings: MoveDocument["findings"]): string[] =>
    findings.length === 0 ? [] : [findingsText(findings, console.paint, console.columns)];
  const parts = moveBlocks(document).map((block) => blockText(block, console));
  return [...shown(errors), ...parts.filter((part) => part !== ""), ...shown(others)].join("\n\n");
}

function blockText(block: MoveBlock, { columns, tableColumns }: Console): string {
  if (block.kind === "table") return reportTable(block.table, tableColumns);
  if (block.kind === "sentence") return wrap(plain(block.text), columns).join("\n");
  if (block.items.length === 0) return "";
  const items = block.items.map((item) => wrap(plain(item), columns - 2).join("\n  "));
  return [block.title, ...items.map((item) => `  ${item}`)].join("\n");
}

function requestOf(call: Call, { io }: Console): MoveRequest {
  const from = textFlag(call, "from");
  if (from === null || from.trim() === "") {
    const detail = "The model in use is missing: --from MODEL.";
    throw problem("USAGE_INVALID", { detail, command: "cost move" });
  }
  const money = (name: string): Usd => usd(numberFlag(call, name) ?? 0);
  const training = numberFlag(call, "training");
  const usual = emptyMove(from.trim());
  return {
    ...usual,
    toApi: textFlag(call, "to-api"),
    toHosted: textFlag(call, "to-hosted"),
    ends: dayOf(call),
    tuned: tunedOf(call, io.cwd),
    output: textFlag(call, "output") ?? undefined,
    traffic: {
      calls: rangeFlag(call, "calls", 1e12),
      inputTokens: rangeFlag(call, "tokens-in", 1e8),
      outputTokens: rangeFlag(call, "tokens-out", 1e8),
      cachedShare: rangeFlag(call, "cached", 1),
    },
    logs: textFlag(call, "logs"),
    sampled: numberFlag(call, "sampled") ?? usual.sampled,
    trainingUsd: training === null ? null : usd(training),
    evaluationUsd: money("evaluation"),
    otherUsd: money("work"),
    hostingUsd: money("hosting"),
    retrainEveryMonths: numberFlag(call, "retrain-every"),
    months: numberFlag(call, "months"),
    gpu: textFlag(call, "gpu"),
    gpuTokensPerSecond: rangeFlag(call, "gpu-tokens-per-second", 1e9),
    hereTokensPerSecond: rangeFlag(call, "here-tokens-per-second", 1e9),
    utilization: rangeFlag(call, "utilization", 1),
    hoursPerMonth: numberFlag(call, "hours") ?? usual.hoursPerMonth,
    prices: textFlag(call, "prices"),
  };
}

/** A file is a recipe; any other word names a run. */
function tunedOf(call: Call, cwd: string): MoveRequest["tuned"] {
  const [word] = call.words;
  if (word !== undefined) {
    const isFile = statSync(resolve(cwd, word), { throwIfNoEntry: false })?.isFile() === true;
    return { kind: isFile || /\.(ya?ml|json)$/i.test(word) ? "recipe" : "run", word };
  }
  return existsSync(resolve(cwd, defaultRecipe)) ? { kind: "recipe", word: defaultRecipe } : null;
}

function dayOf(call: Call): string | null {
  const text = textFlag(call, "ends");
  if (text === null) return null;
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(text)) return text;
  throw invalid("ends", "a day", text, "--ends 2027-01-14");
}

/** A number, or two joined by `..`: the expected value is their geometric mean. */
function rangeFlag(call: Call, name: string, most: number): Range<number> | null {
  const text = textFlag(call, name);
  if (text === null) return null;
  const found = /^(\d{1,13}(?:\.\d{1,9})?)(?:\.\.(\d{1,13}(?:\.\d{1,9})?))?$/.exec(
    text.replaceAll(/[,_]/g, ""),
  );
  const [low, high] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
  const isShare = most === 1;
  const isFine = low <= high && high <= most && (low > 0 || (name === "cached" && high === 0));
  if (isFine) return { low, expected: Math.sqrt(low * high), high };
  const example = isShare ? "0.3..0.6" : "20000..40000";
  const expected = `a number above 0 and up to ${most.toLocaleString("en-US")}, or a range such as ${example}`;
  throw invalid(name, expected, text, `--${name} ${example}`);
}

function invalid(name: string, expected: string, text: string, fix: string): Error {
  const found = JSON.stringify(text.slice(0, 60));
  return problem("USAGE_VALUE_INVALID", { name: `--${name}`, expected, found, fix });
}
