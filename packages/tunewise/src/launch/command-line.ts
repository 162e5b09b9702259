/** @file Parses amounts and rates of a command line, and renders commands for records without possible secrets. */

import { parseBudget, parseRate, shownAmount, type Usd } from "@tunewise/core/quantity";
import { problem } from "../problem/index.ts";

/**
 * Parses a budget such as `20usd` or `$20`.
 *
 * @throws {TunewiseError} `EXEC_BUDGET_INVALID` for other text and for 0
 */
export function readBudget(text: string): Usd {
  const money = parseBudget(text);
  if (money === null) throw problem("EXEC_BUDGET_INVALID", { found: shownAmount(text) });
  return money;
}

/**
 * Parses an hourly rate such as `2.49/h`, `$2.49/h` or `2.49`; 0 for a machine without a cost.
 *
 * @throws {TunewiseError} `EXEC_RATE_INVALID`
 */
export function readRate(text: string): Usd {
  const money = parseRate(text);
  if (money === null) throw problem("EXEC_RATE_INVALID", { found: shownAmount(text) });
  return money;
}

/** Max. length of the text. */
const maxChars = 500;

const secretName = /(token|secret|password|passwd|credential|api[-_]?key|access[-_]?key|auth)/i;
/** Values recognizable as secrets: keys of Hugging Face, OpenAI, GitHub and AWS, and passwords in URLs. */
const secretValue = /^(hf_|sk-|gh[opsu]_|AKIA)[\w-]{8,}|\/\/[^/\s:@]*:[^/\s@]+@/;

/** The command line with `***` in place of secrets: `train.py --hub_token ***`. */
export function shownCommand(words: readonly string[]): string {
  const shown = words.map((word, at) => {
    const before = words[at - 1] ?? "";
    if (/^-/.test(before) && !before.includes("=") && secretName.test(before) && !/^-/.test(word))
      return "***";
    const equals = word.indexOf("=");
    if (equals > 0) {
      const [name, value] = [word.slice(0, equals), word.slice(equals + 1)];
      return secretName.test(name) || secretValue.test(value) ? `${name}=***` : quoted(word);
    }
    return secretValue.test(word) ? "***" : quoted(word);
  });
  const text = shown.join(" ");
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}
