/**
 * @file Writes rows and steps as safetensors files, which PyTorch maps into memory without a copy.
 *
 * The engine determines tokens, masks and the order of batches, so that no other program tokenizes or shuffles.
 */
import type { EncodedRow } from "@tunewise/core/rows";
import type { StepPlan } from "@tunewise/engine";
import { type WritableEntry, writeTensorFile } from "@tunewise/engine/weights";

/**
 * Writes rows: `ids` I32 and `labelled` U8 of all rows, concatenated, and `ends` I64, `[rows + 1]`, which starts with
 * 0.
 *
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
 */
export async function writeRows(path: string, rows: readonly EncodedRow[]): Promise<void> {
  const ends = endsOf(rows.map(({ ids }) => ids.length));
  const tokens = Number(ends.at(-1));
  const entries: WritableEntry[] = [
    { name: "ends", type: "I64", shape: [ends.length] },
    { name: "ids", type: "I32", shape: [tokens] },
    { name: "labelled", type: "U8", shape: [tokens] },
  ];
  function* chunks(): Generator<Uint8Array> {
    yield bytesOf(ends);
    for (const { ids } of rows) yield bytesOf(ids);
    for (const { labelled } of rows) yield labelled;
  }
  await writeTensorFile(path, entries, chunks());
}

/**
 * Writes the steps of a training: `learning_rates` F64, `[steps]`; `rows` I64 of all batches, concatenated; `batches`
 * I64, the end of each batch in `rows`; and `steps` I64, the end of each step in batches. The last two start with 0.
 *
 * @param rateOf learning rate of a step, which counts from 1
 * @throws {TunewiseError} `MODEL_FILE_WRITE_FAILED`
 */
export async function writeSteps(
  path: string,
  plan: StepPlan,
  rateOf: (step: number) => number,
): Promise<void> {
  const perStep = Array.from({ length: plan.steps }, (_, at) => plan.batchesOf(at + 1));
  const batches = perStep.flat();
  const parts = {
    learning_rates: Float64Array.from({ length: plan.steps }, (_, at) => rateOf(at + 1)),
    rows: BigInt64Array.from(batches.flat(), BigInt),
    batches: endsOf(batches.map(({ length }) => length)),
    steps: endsOf(perStep.map(({ length }) => length)),
  };
  const entries = Object.entries(parts).map(
    ([name, values]): WritableEntry => ({
      name,
      type: values instanceof Float64Array ? "F64" : "I64",
      shape: [values.length],
    }),
  );
  await writeTensorFile(path, entries, Object.values(parts).map(bytesOf));
}

/** Cumulative sums, from 0. */
function endsOf(lengths: readonly number[]): BigInt64Array {
  const ends = new BigInt64Array(lengths.length + 1);
  let end = 0;
  for (const [at, length] of lengths.entries()) {
    end += length;
    ends[at + 1] = BigInt(end);
  }
  return ends;
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
