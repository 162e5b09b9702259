/** @file Which rows are compared: each with the earlier rows of its part and all rows of earlier parts. */
import { countOf } from "@tunewise/core/quantity";

/** Rows of a data set by part and answer. */
export interface Sides {
  readonly count: number;
  /** Part of each row, 0 for training; a row of part p is held out from the parts below p. */
  readonly part: Uint8Array;
  readonly parts: number;
  /** All rows, part by part, each part in its own order. A row is compared with those before it. */
  readonly order: Uint32Array;
  /** Position of each row in `order`. */
  readonly placeOf: Uint32Array;
  /** A number per row, equal for equal answers; `null` if answers are not compared. */
  readonly answers: Int32Array | null;
  /** Whether answers are labels: partners with another label are then reported too. */
  readonly areLabels: boolean;
}

/** Maximum number of parts, since the best partner of each row in each part is stored. */
const maxParts = 8;

/** Orders rows by part. */
export function sidesOf(
  count: number,
  part: Uint8Array,
  answers: Int32Array | null,
  areLabels: boolean,
): Sides {
  if (part.length !== count || (answers !== null && answers.length !== count)) {
    throw new RangeError(
      `Internal: ${countOf(count, "row")}, ${part.length} parts, ${answers?.length ?? "no"} answers`,
    );
  }
  const parts = part.reduce((most, one) => Math.max(most, one + 1), 1);
  if (parts > maxParts) throw new RangeError(`Internal: ${parts} parts, at most ${maxParts}`);
  const starts = new Uint32Array(parts + 1);
  for (const one of part) starts[one + 1] = (starts[one + 1] as number) + 1;
  for (let one = 0; one < parts; one++)
    starts[one + 1] = (starts[one + 1] as number) + (starts[one] as number);
  const order = new Uint32Array(count);
  const placeOf = new Uint32Array(count);
  for (const [row, one] of part.entries()) {
    const place = starts[one] as number;
    starts[one] = place + 1;
    order[place] = row;
    placeOf[row] = place;
  }
  return { count, part, parts, order, placeOf, answers, areLabels };
}

/** Whether the answers of both rows are known and differ. */
export function answersDiffer({ answers }: Sides, row: number, other: number): boolean {
  return answers !== null && answers[row] !== answers[other];
}

/** Whether both rows have labels and these differ. */
export function labelsDiffer(sides: Sides, row: number, other: number): boolean {
  return sides.areLabels && answersDiffer(sides, row, other);
}
