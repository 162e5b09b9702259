/** @file What logged models add to runs: points measured about a model, models that a run was given or made. */
import {
  addModelInputs,
  addModelMetrics,
  type Point,
  type Reader,
  readModelInputs,
  readOutputs,
  type Transaction,
} from "@tunewise/tracker";
import { fieldsOf, itemField } from "../fields.ts";
import { idText } from "./checks.ts";

/** A point that was measured about a model; names of datasets may be empty. */
export interface ModelPoint extends Point {
  readonly key: string;
  readonly modelId: string;
  readonly datasetName: string;
  readonly datasetDigest: string;
}

/** Writes points about models, in the transaction that writes them to their run. */
export function addModelPoints(
  transaction: Transaction,
  run: number,
  points: readonly ModelPoint[],
): Promise<void> {
  return addModelMetrics(transaction, run, points);
}

/** Writes models that a run was given, as clients send them. */
export function addGivenModels(
  transaction: Transaction,
  run: number,
  models: readonly unknown[],
): Promise<void> {
  return addModelInputs(
    transaction,
    run,
    models.map((item) => itemField(fieldsOf(item), "model_id", idText)),
  );
}

/** Models of runs as JSON texts of lists, by the runs' numbers; `null` if there are none. */
export async function readModelTexts(
  reader: Reader,
  runs: readonly number[],
): Promise<(run: number) => { readonly inputs: string | null; readonly outputs: string | null }> {
  const inputs = await readModelInputs(reader, runs);
  const outputs = await readOutputs(reader, runs);
  return (run) => ({
    inputs: textOf((inputs.get(run) ?? []).map((id) => ({ model_id: id }))),
    outputs: textOf((outputs.get(run) ?? []).map(({ modelId, step }) => ({ model_id: modelId, step }))),
  });
}

function textOf(models: readonly object[]): string | null {
  return models.length === 0 ? null : JSON.stringify(models);
}
