/**
 * @file What stands in a row that a finding names, short enough to be read in a list.
 */
import type { Example, Splits } from "../../dataset/index.ts";
import { type Place, placeText } from "../../problem/index.ts";

/** The beginning of a row. */
export interface Excerpt {
  readonly prompt: string;
  readonly answer: string;
}

/** Finds rows by place. */
export type Excerpts = (place: Place) => Excerpt | null;

/** Characters of a prompt or an answer that are shown. */
const charactersMost = 240;

/** What the rows of a data set say, by their places. @param show makes a text fit to be seen: secrets are masked */
export function excerptsOf(splits: Splits<Example>, show: (text: string) => string): Excerpts {
  let rows: Map<string, Example> | undefined;
  return (place) => {
    rows ??= new Map(
      [...splits.train, ...splits.validation, ...splits.test].map((row) => [placeText(row), row]),
    );
    const row = rows.get(placeText(place));
    if (row === undefined) return null;
    const asked = row.messages.slice(0, -1).filter(({ role }) => role !== "system");
    return {
      prompt: short(show(asked.map(({ content }) => content).join("\n"))),
      answer: short(show(row.messages.at(-1)?.content ?? "")),
    };
  };
}

function short(text: string): string {
  const flat = text.replace(/\s{1,1000}/g, " ").trim();
  return flat.length <= charactersMost ? flat : `${flat.slice(0, charactersMost).trimEnd()}…`;
}
