/** @file Data that links runs and logged models: points about models, and models that are inputs or outputs of runs. */
import {
  addModelInputs,
  addModelMetrics,
  type Point,
  type Reader,
  readModelInputs,
  readOutputs,
  type Transaction,
} from "../../../index.ts";
import { fieldsOf, itemField } from "../fields.ts";
import { idText } from "./checks.ts";

/** A point about a model; the dataset's name may be empty. */
export interface ModelPoint extends Point {
  readonly key: string;
  readonly modelId: string;
  readonly datasetName: string;
  readonly datasetDigest: string;
}

/** Writes points about models, in the same transaction as to their run. */
export function addModelPoints(
  transaction: Transaction,
  run: number,
  points: readonly ModelPoint[],
): Promise<void> {
  return addModelMetrics(transaction, run, points);
}

/** Records models as inputs of a run, as clients send them. */
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

/** Models of runs as JSON lists, by the runs' numbers; `null` if there are none. */
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
