/**
 * @file Searching runs.
 *
 * @source mlflow/mlflow mlflow/server/handlers.py, _search_runs
 */
import type { TrackingContext } from "../../../app/tracking/index.ts";
import { searchRuns } from "../../../track/index.ts";
import type { AllowedCall, Reply, Route } from "../route.ts";
import { type Fields, invalid, textField, textsField, wholeField } from "./fields.ts";
import { readRunFilter, readRunOrder } from "./filter/run-filter.ts";
import { experimentNumber } from "./find.ts";
import type { ModelParts } from "./model-parts.ts";
import { offsetToken, readOffset } from "./page-token.ts";
import type { ArtifactPlaces } from "./places.ts";
import { jsonText, postPair } from "./route-pair.ts";
import { runTexts } from "./run-text.ts";
import { amongExperiments } from "./subjects.ts";
import { stagesOf } from "./view-type.ts";

const runsMost = 50_000;
const experimentsMost = 5_000;

/** Routes of searches. */
export function runSearchRoutes(desk: TrackingContext, places: ArtifactPlaces, models: ModelParts): Route[] {
  return postPair("mlflow/runs/search", "read", amongExperiments, (fields, call) =>
    search(desk, places, fields, models, call),
  );
}

async function search(
  desk: TrackingContext,
  places: ArtifactPlaces,
  fields: Fields,
  models: ModelParts,
  { scope }: AllowedCall,
): Promise<Reply> {
  const ids = textsField(fields, "experiment_ids");
  if (ids.length > experimentsMost) throw invalid("experiment_ids", ids.length, "There are too many.");
  const asked = wholeField(fields, "max_results") ?? 1000;
  if (asked < 1 || asked > runsMost) throw invalid("max_results", fields["max_results"]);
  const offset = readOffset(textField(fields, "page_token"));
  for (const id of ids) experimentNumber(id, "experiment_ids");
  const request = {
    projects: scope.projects,
    stages: stagesOf(fields, "run_view_type"),
    conditions: readRunFilter(textField(fields, "filter") ?? ""),
    order: readRunOrder(textsField(fields, "order_by")),
    limit: asked + 1,
    offset,
  };
  // No experiment has no runs; the store would take an empty list for all of them.
  if (scope.projects.length === 0) return jsonText('{"runs":[]}');
  const found = await searchRuns(desk.database, request);
  const texts = await runTexts(desk, places, found.slice(0, asked), models);
  const next = found.length > asked ? `,"next_page_token":"${offsetToken(offset + asked)}"` : "";
  return jsonText(`{"runs":[${texts.join(",")}]${next}}`);
}
