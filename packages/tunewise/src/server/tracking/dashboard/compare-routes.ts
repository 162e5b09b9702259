/** @file Routes that compare runs: differences of their scores with confidence intervals, and their answers. */

import { readProjectsOf, readTrackedRuns, type TrackedRun } from "@tunewise/tracker";
import {
  fieldsRoute,
  HttpError,
  type JsonSchema,
  type Reply,
  type Route,
  type Subjects,
} from "@tunewise/tracker/http";
import { z } from "zod";
import {
  createAnswersBeside,
  createScoreComparison,
  type DashboardContext,
  type RowChoice,
} from "../../../app/dashboard/index.ts";
import { problem } from "../../../problem/index.ts";
import { int, list, named, number, oneOf, orNull, record, text } from "./schema.ts";
import { snakeKeys } from "./wire.ts";

const maxRuns = 20;
const leftOut = list(record({ run: text, reason: text }));

/** Shapes by name. */
export const compareShapes: Readonly<Record<string, JsonSchema>> = {
  ScoreDifference: record({
    metric: text,
    value: orNull(number),
    rows: int,
    sentence: text,
    interval: orNull(record({ low: number, high: number })),
    verdict: oneOf("better", "worse", "unclear"),
  }),
  ScoreDifferences: record({
    variants: list(
      record({
        method: text,
        runs: list(text),
        rows: int,
        scores: list(record({ metric: text, value: orNull(number) })),
        differences: list(named("ScoreDifference")),
      }),
    ),
    left_out: leftOut,
    method: text,
  }),
  AnswersBeside: record({
    runs: list(text),
    left_out: leftOut,
    counts: record({ all: int, scores: int, answers: int }),
    rows: list(
      record({
        row: int,
        question: named("ShownText"),
        reference: named("ShownText"),
        answers: list(
          record({
            text: orNull(named("ShownText")),
            is_right: orNull({ type: "boolean" }),
            parts: orNull(list(record({ kind: oneOf("same", "missing", "added"), text }))),
            scores: list(record({ metric: text, value: orNull(number) })),
          }),
        ),
      }),
    ),
  }),
};

const runIds = z.array(z.string().min(1).max(256)).min(2).max(maxRuns);
const differencesBody = z.strictObject({ runs: runIds });
const answersBody: z.ZodType<{
  readonly runs: readonly string[];
  readonly only: RowChoice;
  readonly offset: number;
  readonly limit: number;
  readonly marks: boolean;
}> = z.strictObject({
  runs: runIds,
  only: z.enum(["all", "scores", "answers"]).default("all"),
  offset: z.int().min(0).max(1e9).default(0),
  limit: z.int().min(1).max(50).default(50),
  marks: z.boolean().default(false),
});

/**
 * The routes.
 *
 * @throws {TunewiseError} `RUN_NOT_FOUND`, from their handlers
 */
export function compareRoutes(context: DashboardContext): Route[] {
  const { database } = context;
  const [compareScores, readBeside] = [createScoreComparison(context), createAnswersBeside(context)];
  const base = {
    method: "POST",
    policy: "read",
    maxBodyBytes: 16 * 1024,
    about: {
      all: async ({ runs }: { readonly runs: readonly string[] }): Promise<Subjects> => {
        const projects = await readProjectsOf(database, "run", runs);
        return runs.map((id) => {
          const project = projects.get(id);
          if (project === undefined) throw problem("RUN_NOT_FOUND", { id, store: "this store" });
          return { project };
        });
      },
    },
  } as const;
  const runsOf = async (ids: readonly string[]): Promise<TrackedRun[]> => {
    const found = await readTrackedRuns(database, [...new Set(ids)]);
    const byId = new Map(found.map((run) => [run.id, run]));
    return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
  };
  return [
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/runs/differences",
      reads: differencesBody,
      gives: named("ScoreDifferences"),
      summary:
        "Compare the scores of runs with those of the first run, with the statistics and wording of `tunewise compare`: paired differences on the same test rows, with 95 % intervals. Runs that differ only in the seed are one group. `left_out` lists runs that are not compared, with reasons; runs of other clients have only one value per score, which has no interval.",
      handle: async ({ runs }) => given(await compareScores(await runsOf(runs))),
    }),
    fieldsRoute({
      ...base,
      path: "/api/tunewise/v1/runs/answers",
      reads: answersBody,
      gives: named("AnswersBeside"),
      summary:
        "List answers of the runs' tuned models on their common test rows, at most 50 rows per page. `only` selects all rows, rows whose scores differ, or rows whose answers differ; `counts` has the number of each. `marks` adds the words that differ from the first run's answer.",
      handle: async ({ runs, ...page }) => given(await readBeside({ ...page, runs: await runsOf(runs) })),
    }),
  ];
}

/** @throws {HttpError} 429 */
function given(value: object | null): Reply {
  if (value !== null) return { status: 200, body: snakeKeys(value) };
  throw new HttpError(
    429,
    "too_many_comparisons",
    "Too many comparisons wait for their turn. Ask again soon.",
  );
}
