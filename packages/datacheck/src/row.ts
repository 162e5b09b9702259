/** @file A row to be inspected: location, prompt and answer. */

import {
  type Comparison,
  type Example,
  type JsonObject,
  locationOf,
  type Message,
  type Splits,
} from "@tunewise/core/rows";
import { answerOf, type BenchmarkRow, promptOf } from "./dataset/index.ts";
import type { Place } from "./problem/index.ts";

/** The parts of a data set, in the order in which they are compared. */
export const parts = ["train", "validation", "test"] as const;
/** The name of a part. */
export type Part = (typeof parts)[number];

/** One row. */
export interface Row {
  /** `benchmark`: from a collection that training must not contain. */
  readonly part: Part | "benchmark";
  readonly place: Place;
  /** All turns except the answer, without system messages, one per line. */
  readonly prompt: string;
  /** The last turn. */
  readonly answer: string;
  readonly messages: readonly Message[];
  /** Tools that the row offers; absent: none. */
  readonly tools?: readonly JsonObject[];
  /** The row is a document: `prompt` is its text, and the answer is empty. */
  readonly isDocument?: true;
  /** Absent: not a row of preference data. */
  readonly compared?: Comparison;
  /** Group, and creation time in milliseconds since 1970, if a column provides them. */
  readonly group?: string;
  readonly time?: number;
}

/** The rows of a data set. */
export function rowsOf({ train, validation, test }: Splits<Example>): Readonly<Record<Part, readonly Row[]>> {
  const of = (part: Part, examples: readonly Example[]): Row[] => examples.map((one) => rowOf(part, one));
  return { train: of("train", train), validation: of("validation", validation), test: of("test", test) };
}

function rowOf(part: Part, example: Example): Row {
  const { messages, tools, compared, isDocument, group, time } = example;
  return {
    part,
    place: locationOf(example),
    prompt: promptOf(example),
    answer: isDocument === true ? "" : answerOf(example),
    messages,
    ...(isDocument === true ? { isDocument } : {}),
    ...(tools && { tools }),
    ...(compared && { compared }),
    ...(group === undefined ? {} : { group }),
    ...(time === undefined ? {} : { time }),
  };
}

/** Rows of a benchmark. */
export function benchmarkRows(rows: readonly BenchmarkRow[]): Row[] {
  return rows.map(({ prompt, answer, ...at }) => ({
    part: "benchmark",
    place: locationOf(at),
    prompt,
    answer,
    messages: [
      { role: "user", content: prompt },
      { role: "assistant", content: answer },
    ],
  }));
}
