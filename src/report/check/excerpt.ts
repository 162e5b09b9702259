/** @file Short excerpts of rows for lists of findings. */
import type { Example, Splits } from "../../dataset/index.ts";
import { type Place, placeKey } from "../../problem/index.ts";

/** A row for display. */
export interface Excerpt {
  /** On one line, truncated. */
  readonly prompt: string;
  readonly answer: string;
  /** The original answer; `null` if masking changed its lines. */
  readonly answerLines: readonly string[] | null;
}

/** Finds rows by location. @param charactersMost limit of a prompt or an answer */
export type Excerpts = (place: Place, charactersMost?: number) => Excerpt | null;

/** Maximum displayed characters of a prompt or an answer. */
const charactersListed = 240;

/** Indexes the rows of a data set by location. @param show masks secrets in a text */
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
