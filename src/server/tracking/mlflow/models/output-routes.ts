/**
 * @file Routes by which a run says what models it made.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _log_outputs and _log_model
 */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import { addModelHistory, addOutputs, type ModelOutput } from "../../../../track/index.ts";
import { type Fields, fieldsOf, invalid, listField, missing, wholeField } from "../fields.ts";
import { MlflowError } from "../refuse.ts";
import { aboutRun } from "../subjects.ts";
import { someText } from "./checks.ts";
import type { Endpoint } from "./endpoint.ts";

const modelsMost = 1000;
/** What older clients always say about a model. */
const historyKeys = ["artifact_path", "flavors", "utc_time_created", "run_id"];

/** Both of them. */
export function outputEndpoints(desk: TrackingContext): Endpoint[] {
  const { write, now } = desk;
  const about = aboutRun(desk);
  return [
    {
      ...{ method: "POST", path: "runs/outputs", policy: "write", about },
      answer: async ({ fields }) => {
        const run = someText(fields, "run_id", 256);
        const outputs = readOutputFields(fields);
        await write((transaction) => addOutputs(transaction, run, outputs));
        return {};
      },
    },
    {
      ...{ method: "POST", path: "runs/log-model", policy: "write", about },
      answer: async ({ fields }) => {
        const run = someText(fields, "run_id", 256);
        const entry = readHistoryEntry(someText(fields, "model_json", 1_000_000));
        if (await write((transaction) => addModelHistory(transaction, run, entry, now()))) return {};
        throw new MlflowError("INVALID_PARAMETER_VALUE", "The run's history of models gets too long.");
      },
    },
  ];
}

function readOutputFields(fields: Fields): ModelOutput[] {
  const models = listField(fields, "models");
  if (models.length === 0) throw missing("models");
  if (models.length > modelsMost) throw invalid("models", models.length, `at most ${modelsMost} at once`);
  return models.map((item) => {
    const output = fieldsOf(item);
    return { modelId: someText(output, "model_id", 256), step: wholeField(output, "step") ?? 0 };
  });
}

function readHistoryEntry(text: string): object {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    throw new MlflowError("INVALID_PARAMETER_VALUE", "Malformed model info: model_json is not a valid JSON.");
  }
  const model = fieldsOf(entry);
  const absent = historyKeys.filter((key) => !Object.hasOwn(model, key));
  if (absent.length === 0) return model;
  const message = `Model json is missing mandatory fields: ${absent.join(", ")}`;
  throw new MlflowError("INVALID_PARAMETER_VALUE", message);
}
