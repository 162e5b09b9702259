/**
 * @file Routes that log which models a run produced.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _log_outputs and _log_model
 */

import { z } from "zod";
import type { Route } from "../../../http/index.ts";
import type { TrackingContext } from "../../../index.ts";
import { addModelHistory, addOutputs } from "../../../index.ts";
import { endpoint } from "../endpoint.ts";
import { fieldsOf, integer, invalid, itemField, list, missing } from "../fields.ts";
import { invalidParameter } from "../refuse.ts";
import { aboutRun } from "../subjects.ts";
import { idText, someText } from "./checks.ts";

const maxModels = 1000;

const outputFields = z.object({
  run_id: idText,
  models: list(
    { items: { type: "object" } },
    (models) => {
      if (models.length === 0) throw missing("models");
      if (models.length > maxModels) throw invalid("models", models.length, `at most ${maxModels} at once`);
      return models.map((item) => {
        const output = fieldsOf(item);
        return {
          modelId: itemField(output, "model_id", idText),
          step: itemField(output, "step", integer) ?? 0,
        };
      });
    },
    true,
  ),
});

/** Both routes. */
export function outputRoutes(context: TrackingContext): Route[] {
  const { write, now } = context;
  const base = { method: "POST", policy: "write", maxBodyBytes: 2_000_000 } as const;
  return [
    ...endpoint({
      ...base,
      path: "mlflow/runs/outputs",
      summary: "Log the models that a run produced.",
      reads: outputFields,
      about: aboutRun(
        context,
        ({ models }: Pick<z.infer<typeof outputFields>, "models">) =>
          new Map(models.map(({ modelId }) => [modelId, "read"])),
      ),
      answer: async ({ run_id, models }) => {
        await write((transaction) => addOutputs(transaction, run_id, models));
        return {};
      },
    }),
    ...endpoint({
      ...base,
      path: "mlflow/runs/log-model",
      summary: "Log a model that a run produced, in the format of older clients.",
      reads: z.object({ run_id: idText, model_json: someText(1_000_000).transform(readHistoryEntry) }),
      about: aboutRun(context),
      answer: async ({ run_id, model_json }) => {
        if (await write((transaction) => addModelHistory(transaction, run_id, model_json, now()))) return {};
        throw invalidParameter("The run's history of models gets too long.");
      },
    }),
  ];
}

/** Keys that older clients always send about a model. */
const historyKeys = ["artifact_path", "flavors", "utc_time_created", "run_id"];

function readHistoryEntry(text: string): object {
  let entry: unknown;
  try {
    entry = JSON.parse(text);
  } catch {
    throw invalidParameter("Malformed model info: model_json is not a valid JSON.");
  }
  const model = fieldsOf(entry);
  const absent = historyKeys.filter((key) => !Object.hasOwn(model, key));
  if (absent.length === 0) return model;
  throw invalidParameter(`Model json is missing mandatory fields: ${absent.join(", ")}`);
}
