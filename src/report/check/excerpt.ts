/**
 * @file What stands in a row that a finding names, short enough to be read in a list.
 */
import type { Example, Splits } from "../../dataset/index.ts";
import { type Place, placeKey } from "../../problem/index.ts";

/** A row as it may be shown. */
export interface Excerpt {
  /** On one line, cut where it is longer than asked for. */
  readonly prompt: string;
  readonly answer: string;
  /** The answer as it stands; `null` where masking moved its lines. */
  readonly answerLines: readonly string[] | null;
}

/** Finds rows by place. @param charactersMost of a prompt or an answer */
export type Excerpts = (place: Place, charactersMost?: number) => Excerpt | null;

/** Characters of a prompt or an answer that a list shows. */
const charactersListed = 240;

/** What the rows of a data set say, by their places. @param show makes a text fit to be seen: secrets are masked */
export function excerptsOf(splits: Splits<Example>, show: (text: string) => string): Excerpts {
  let rows: Map<string, Example> | undefined;
  return (place, charactersMost = charactersListed) => {
    rows ??= new Map(
      [...splits.train, ...splits.validation, ...splits.test].map((row) => [placeKey(row), row]),
    );
    const row = rows.get(placeKey(place));
    if (row === undefined) return null;
    const asked = row.messages.slice(0, -1).filter(({ role }) => role !== "system");
    const said = row.messages.at(-1)?.content ?? "";
    const answer = show(said);
    const answerLines = answer.split("\n");
    return {
      prompt: short(show(asked.map(({ content }) => content).join("\n")), charactersMost),
      answer: short(answer, charactersMost),
      answerLines: answerLines.length === said.split("\n").length ? answerLines : null,
    };
  };
}

function short(text: string, charactersMost: number): string {
  const flat = text.replace(/\s{1,1000}/g, " ").trim();
  return flat.length <= charactersMost ? flat : `${flat.slice(0, charactersMost).trimEnd()}…`;
}
