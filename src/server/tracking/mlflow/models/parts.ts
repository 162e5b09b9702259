/** @file What models add to runs, over the store. */
import type { TrackingContext } from "../../../../app/tracking/index.ts";
import { addModelInputs, addModelMetrics, readModelInputs, readOutputs } from "../../../../track/index.ts";
import { fieldsOf } from "../fields.ts";
import type { ModelParts, ModelTexts } from "../model-parts.ts";
import { someText } from "./checks.ts";

/** The parts of a desk. */
export function modelParts({ database }: TrackingContext): ModelParts {
  return {
    addPoints: (transaction, run, points) => {
      const measured = points.map(({ datasetName, datasetDigest, ...point }) => ({
        ...point,
        datasetName: datasetName ?? "",
        datasetDigest: datasetDigest ?? "",
      }));
      return addModelMetrics(transaction, run.number, measured);
    },
    addInputs: (transaction, run, models) => {
      const ids = models.map((item) => someText(fieldsOf(item), "model_id", 256));
      return addModelInputs(transaction, run.number, ids);
    },
    readTexts: async (numbers) => {
      const [inputs, outputs] = [
        await readModelInputs(database, numbers),
        await readOutputs(database, numbers),
      ];
      return new Map(
        numbers.map((number): [number, ModelTexts] => {
          const given = (inputs.get(number) ?? []).map((id) => ({ model_id: id }));
          const made = (outputs.get(number) ?? []).map(({ modelId, step }) => ({ model_id: modelId, step }));
          return [number, { inputs: textOf(given), outputs: textOf(made) }];
        }),
      );
    },
  };
}

function textOf(models: readonly object[]): string | null {
  return models.length === 0 ? null : JSON.stringify(models);
}
