/** @file Instruction inputs that only state that there is no input, such as `noinput`. They are read as empty. */

import type { Example } from "@tunewise/core/rows";
import type { Place } from "../problem/index.ts";
import { instructionColumns } from "./recognize/column-names.ts";
import { type Fields, fieldOf } from "./record.ts";
import type { RowIssues } from "./row-issue.ts";

/** A row without its input. */
interface WithoutInput {
  readonly fields: Fields;
  readonly value: string;
  /** Whether the value is unambiguous. */
  readonly isSure: boolean;
}

/** `noinput`, `<no input needed>`. */
const surely =
  /^no(?:additional|further|specific|extra)?inputs?(?:is|are|was)?(?:needed|required|necessary|provided|given|available)?$/;
/** Words that people and programs write for a missing value, but that may also be a real input. */
const perhaps: ReadonlySet<string> = new Set([
  ..."none na nan null nil nothing empty blank undefined".split(" "),
  ..."notapplicable notavailable notprovided notneeded notrequired".split(" "),
]);

/** Min. rows and min. share of rows with an ambiguous word before it counts as empty. */
const [minRows, minShare] = [3, 0.01];

/** Longer inputs are real texts. */
const maxLength = 40;

/** Collects rows whose input may mean "none", and decides once all rows are known. */
export class EmptyInputs {
  readonly #doubtful = new Map<string, { index: number; instead: Partial<Example>; place: Place }[]>();
  readonly #sure: { readonly value: string; readonly place: Place }[] = [];

  /** The row without its input, or `null` if the input is a real text. */
  without(fields: Fields): WithoutInput | null {
    const column = instructionColumns(Object.keys(fields))?.input ?? null;
    const given = column === null ? undefined : fieldOf(fields, column);
    if (column === null || typeof given !== "string") return null;
    const value = given.trim();
    if (value === "" || value.length > maxLength) return null;
    const word = value.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
    const isSure = surely.test(word);
    if (!isSure && word !== "" && !perhaps.has(word)) return null;
    return { fields: { ...fields, [column]: "" }, value, isSure };
  }

  /** @param instead the row without its input */
  add({ value, isSure }: WithoutInput, index: number, instead: Partial<Example>, place: Place): void {
    if (isSure) {
      this.#sure.push({ value, place });
      return;
    }
    const known = this.#doubtful.get(value.toLowerCase()) ?? [];
    known.push({ index, instead, place });
    this.#doubtful.set(value.toLowerCase(), known);
  }

  /** Empties ambiguous inputs that occur often enough, and reports all inputs read as empty. */
  settle(examples: Example[], issues: RowIssues): void {
    const found = [...this.#sure];
    for (const [value, rows] of this.#doubtful) {
      if (rows.length < Math.max(minRows, minShare * examples.length)) continue;
      for (const { index, instead, place } of rows) {
        examples[index] = { ...(examples[index] as Example), ...instead };
        found.push({ value, place });
      }
    }
    for (const { value, place } of found) {
      const reason = `the input is ${JSON.stringify(value)}`;
      issues.add({ code: "DATA_INPUT_PLACEHOLDER", reason }, place, "warning");
    }
  }
}
