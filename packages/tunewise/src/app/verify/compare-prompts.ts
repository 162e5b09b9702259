/** @file Compares prompts: text, ids, number of BOS tokens. Pure. */
import {
  type Difference,
  differenceOf,
  excerpt,
  type FirstDifference,
  firstIndex,
  textPosition,
} from "./differences.ts";
import type { Expected, ExpectedPrompt } from "./expected.ts";
import type { RuntimePrompt } from "./probe.ts";

type PromptKind = "template" | "tools" | "bos";

/** The BOS token. */
type Begin = Pick<Expected, "beginId" | "beginText">;

interface PromptDifference {
  readonly kind: PromptKind;
  readonly first: FirstDifference;
}

/** Differences of prompts, one per kind. */
export function comparePrompts(
  { prompts, ...begin }: Expected,
  found: readonly RuntimePrompt[],
): Difference[] {
  const all = prompts.flatMap((prompt, at) => {
    const own = found[at];
    return own === undefined ? [] : comparePrompt(prompt, own, begin, at + 1);
  });
  return (["template", "tools", "bos"] as const).flatMap((kind) => {
    const own = all.filter((each) => each.kind === kind);
    const [one] = own;
    if (one === undefined) return [];
    return [differenceOf(kind, { count: own.length, of: prompts.length, first: one.first })];
  });
}

/** Whether a runtime's prompt is ours, as far as it shows it. */
export function isSamePrompt(expected: ExpectedPrompt, found: RuntimePrompt, begin: Begin): boolean {
  if (found.ids !== null && found.ids.join() !== expected.ids.join()) return false;
  return comparePrompt(expected, found, begin, 1).length === 0;
}

function comparePrompt(
  expected: ExpectedPrompt,
  found: RuntimePrompt,
  begin: Begin,
  number: number,
): PromptDifference[] {
  const { text, ids, error } = found;
  if (error !== undefined) {
    const first = { number, byte: 0, token: 0, expected: excerpt(expected.text), found: `error: ${error}` };
    return [{ kind: "template", first }];
  }
  return ids === null
    ? compareShown(expected, text, found.count ?? null, begin, number)
    : compareIds(expected, text, ids, begin, number);
}

/** Without ids: the text, and the number of tokens. A runtime may add the BOS as a token, outside of the text. */
function compareShown(
  expected: ExpectedPrompt,
  text: string | null,
  count: number | null,
  begin: Begin,
  number: number,
): PromptDifference[] {
  if (text !== null && !isSameText(expected.text, text, begin)) {
    return [{ kind: templateKind(expected, text), first: textPosition(expected.text, text, number) }];
  }
  const { length } = expected.ids;
  if (count === null || count === length) return [];
  const first = { number, byte: null, token: null, expected: `${length} tokens`, found: `${count} tokens` };
  const isOneMore = begin.beginId !== null && count === length + 1;
  return [{ kind: isOneMore ? "bos" : "template", first }];
}

function compareIds(
  expected: ExpectedPrompt,
  text: string | null,
  ids: readonly number[],
  begin: Begin,
  number: number,
): PromptDifference[] {
  const ours = leadingBegins(expected.ids, begin);
  const theirs = leadingBegins(ids, begin);
  const isRestSame = expected.ids.slice(ours).join() === ids.slice(theirs).join();
  const differences: PromptDifference[] = [];
  // a replaced template may write no BOS; only a doubled one is a difference of its own then
  if (ours !== theirs && (isRestSame || theirs > Math.max(1, ours))) {
    const token = Math.min(ours, theirs);
    const first = { number, byte: 0, token, expected: `${ours} BOS`, found: `${theirs} BOS` };
    differences.push({ kind: "bos", first });
  }
  const isTextSame = text === null || isSameText(expected.text, text, begin);
  if (isRestSame || isTextSame) return differences;
  const first = { ...textPosition(expected.text, text, number), token: firstIndex(expected.ids, ids) };
  return [...differences, { kind: templateKind(expected, text), first }];
}

/** Whether two prompts have the same text, except for a BOS that a runtime adds as a token. */
function isSameText(expected: string, found: string, { beginText }: Begin): boolean {
  return expected === found || (beginText !== null && expected === `${beginText}${found}`);
}

function templateKind({ textWithoutTools }: ExpectedPrompt, found: string): "template" | "tools" {
  return textWithoutTools !== null && found === textWithoutTools ? "tools" : "template";
}

function leadingBegins(ids: readonly number[], { beginId }: Begin): number {
  const count = ids.findIndex((id) => id !== beginId);
  return count < 0 ? ids.length : count;
}
