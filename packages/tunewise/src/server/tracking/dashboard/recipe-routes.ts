/**
 * @file Routes of recipes that the page may plan, check and start, for admins of the server and for users with write
 * access to the project of a recipe's runs.
 */

import { includesRole } from "@tunewise/tracker";
import {
  type About,
  type Call,
  fieldsRoute,
  HttpError,
  type JsonSchema,
  type Route,
  type Subject,
} from "@tunewise/tracker/http";
import { z } from "zod";
import {
  checkServed,
  type DashboardContext,
  type EditableSettings,
  listRecipes,
  offeredModels,
  planServed,
  projectOfRecipe,
  type ServedRecipes,
  startServed,
} from "../../../app/dashboard/index.ts";
import { problem } from "../../../problem/index.ts";
import { bool, int, list, named, number, oneOf, orNull, record, text } from "./schema.ts";
import { snakeKeys } from "./wire.ts";

const methods = ["full", "lora", "qlora"] as const;
const severity = oneOf("error", "warning", "note");
const range = record({ low: number, expected: number, high: number });
const cap = record({ micro_usd: orNull(int), seconds: orNull(number) });

/** Shapes by name. */
export const recipeShapes: Readonly<Record<string, JsonSchema>> = {
  ServedRecipe: record({
    name: text,
    path: text,
    project_name: text,
    problem: orNull(text),
    obstacle: orNull(text),
    settings: orNull(
      record({
        method: oneOf(...methods),
        model: text,
        max_length: int,
        batch_size: int,
        epochs: orNull(number),
        steps: orNull(int),
      }),
    ),
  }),
  PlanPlace: record({
    kind: oneOf("here", "own", "rented", "hosted"),
    name: text,
    provider: text,
    region: text,
    pricing: oneOf("on-demand", "spot", "per-token", "own"),
    micro_usd_per_hour: int,
    price: record({ name: text, as_of: orNull(text) }),
    fits: oneOf("yes", "tight", "no"),
    change: orNull(text),
    seconds: orNull(range),
    run_micro_usd: range,
    memory: orNull(
      record({ low: number, expected: number, high: number, usable: number, biggest_term: text }),
    ),
    total: orNull(
      record({
        p50: int,
        p90: int,
        shares: list(record({ name: text, share: number })),
        distribution: orNull(record({ from: int, to: int, counts: list(int) })),
      }),
    ),
  }),
  PlanFinding: record({ code: text, severity, title: text, detail: text, fix: text, count: int }),
  ShownPlan: record({
    id: text,
    made_ms: int,
    fingerprint: text,
    command: text,
    refusal: orNull(text),
    best: orNull(int),
    model: record({
      source: text,
      parameters: int,
      trained_parameters: int,
      method: oneOf(...methods),
      rank: int,
    }),
    data: record({
      train_rows: int,
      validation_rows: int,
      test_rows: int,
      tokens_per_epoch: int,
      labelled_tokens_per_epoch: int,
      longest_tokens: int,
    }),
    schedule: record({ steps: int, epochs: number, tokens: int }),
    derived: list(record({ key: text, value: number, reason: text })),
    places: list(named("PlanPlace")),
    findings: list(named("PlanFinding")),
    assumptions: list(record({ key: text, value: text, origin: text })),
    cap,
    recipe_cap: cap,
  }),
  CheckRow: record({
    place: text,
    reason: text,
    prompt: text,
    answer: text,
    lines: list(record({ number: int, text, is_meant: bool })),
    other: orNull(record({ place: text, prompt: text, answer: text })),
    parts: orNull(list(record({ kind: oneOf("same", "missing", "added"), text }))),
  }),
  ShownCheck: record({
    made_ms: int,
    command: text,
    ok: bool,
    name: text,
    model: text,
    splits: list(
      record({
        name: text,
        statistics: record({
          rows: int,
          tokens: int,
          labelled_tokens: int,
          truncated: int,
          dropped: int,
          unusable: int,
          total: record({ p50: number, max: number }),
        }),
      }),
    ),
    memory: orNull(record({ rows: int, of: int })),
    topics: list(
      record({
        code: text,
        title: text,
        severity,
        meaning: text,
        rows: int,
        command: text,
        subjects: list(
          record({ severity, sentences: list(text), fix: text, total: int, rows: list(named("CheckRow")) }),
        ),
      }),
    ),
  }),
};

const knobsBody: z.ZodType<Knobs> = z.strictObject({
  method: z.enum(methods).optional(),
  model: z.string().min(1).max(300).optional(),
  max_length: z.int().min(8).max(1_048_576).optional(),
  batch_size: z.int().min(1).max(4_096).optional(),
  epochs: z.number().positive().max(10_000).optional(),
  steps: z.int().min(1).max(100_000_000).optional(),
});
interface Knobs {
  readonly method?: EditableSettings["method"] | undefined;
  readonly model?: string | undefined;
  readonly max_length?: number | undefined;
  readonly batch_size?: number | undefined;
  readonly epochs?: number | undefined;
  readonly steps?: number | undefined;
}

const approvalBody = z.strictObject({
  plan: z.string().min(1).max(100),
  micro_usd: z.int().min(1).max(1e13).nullable(),
  seconds: z.number().positive().max(1e9).nullable(),
});

const path = "/api/tunewise/v1/recipes";
const maxBodyBytes = 4_096;
const nothing = z.object({});

/** The routes. */
export function recipeRoutes(context: DashboardContext): Route[] {
  const { database } = context;
  const served = (call: Call): ServedRecipes => servedIn(context, nameOf(call));
  const aboutRecipe = <Fields>(): About<Fields> => ({ all: (_, call) => subjectsOf(context, nameOf(call)) });
  const base = { method: "POST", policy: "write", maxBodyBytes } as const;
  return [
    fieldsRoute({
      method: "GET",
      path,
      policy: "read",
      about: "readable",
      reads: nothing,
      maxBodyBytes: 0,
      summary: "List recipes that the caller may plan, check and start, and alternative models to plan for.",
      gives: record({ recipes: list(named("ServedRecipe")), models: list(text) }),
      handle: async (_, { caller }) => {
        const mayStart = async (project: number | null): Promise<boolean> => {
          if (caller.isAdmin || project === null) return caller.isAdmin;
          const roles = await caller.rights.rolesIn([project]);
          return includesRole(roles.get(project) ?? "none", "write");
        };
        const recipes = context.recipes ? await listRecipes(database, context.recipes, mayStart) : [];
        return { status: 200, body: snakeKeys({ recipes, models: offeredModels }) };
      },
    }),
    fieldsRoute<Knobs>({
      ...base,
      path: `${path}/:recipe/plan`,
      about: aboutRecipe<Knobs>(),
      reads: knobsBody,
      summary:
        "Plan a recipe, optionally with other settings: cost with distribution and drivers, time, memory, placements and findings. Starts nothing.",
      gives: named("ShownPlan"),
      handle: async ({ max_length: maxLength, batch_size: batchSize, ...knobs }, call) => {
        const changed = { ...knobs, maxLength, batchSize };
        const plan = await planServed(served(call), nameOf(call), changed, call.signal);
        return { status: 200, body: snakeKeys(plan) };
      },
    }),
    fieldsRoute({
      ...base,
      path: `${path}/:recipe/check`,
      about: aboutRecipe(),
      reads: z.strictObject({}),
      summary: "Check the data of a recipe. Findings have masked rows and are sorted by severity.",
      gives: named("ShownCheck"),
      handle: async (_, call) => ({
        status: 200,
        body: snakeKeys(await checkServed(served(call), nameOf(call), call.signal)),
      }),
    }),
    fieldsRoute<z.infer<typeof approvalBody>>({
      ...base,
      path: `${path}/:recipe/runs`,
      about: aboutRecipe(),
      reads: approvalBody,
      status: 201,
      summary:
        "Start the run of a displayed plan with a cap: dollars, or seconds on a machine without a price. 409 if the cap has the wrong unit, the plan is outdated, or the run cannot be started from this server. `run` is null while the run is being prepared.",
      gives: record({ run: orNull(text) }),
      handle: async ({ plan, micro_usd: microUsd, seconds }, call) => {
        requireJson(call);
        const approval = { plan, microUsd, seconds, person: call.caller.name };
        const run = await startServed(served(call), context, nameOf(call), approval);
        return { status: 201, body: { run } };
      },
    }),
  ];
}

/**
 * Requires the content type JSON, which another site's form cannot send, and its scripts only with this server's
 * consent.
 *
 * @source Fetch Standard, CORS-safelisted request-header
 * @throws {HttpError} 415
 */
function requireJson({ request: { headers } }: Call): void {
  if (/^application\/json *(;|$)/i.test(headers["content-type"] ?? "")) return;
  throw new HttpError(
    415,
    "unsupported_content_type",
    "Starting a run takes Content-Type: application/json.",
  );
}

function nameOf({ params }: Call): string {
  return params["recipe"] ?? "";
}

/** @throws {TunewiseError} `SERVED_RECIPE_UNKNOWN` if no recipes are served */
function servedIn({ recipes }: DashboardContext, name: string): ServedRecipes {
  if (recipes) return recipes;
  throw problem("SERVED_RECIPE_UNKNOWN", { name: name.slice(0, 80) });
}

/**
 * Returns the project of the recipe's runs. If it does not exist yet, only admins of the server may create it.
 *
 * @throws {HttpError} 404 for an unknown recipe, and for one without a project
 */
async function subjectsOf(
  { database, recipes }: DashboardContext,
  name: string,
): Promise<readonly Subject[]> {
  const isServed = recipes?.paths.has(name) === true;
  const project = isServed ? await projectOfRecipe(database, recipes, name) : null;
  if (project === null) throw new HttpError(404, "unknown_recipe", "There is no such recipe.");
  return [{ project }];
}
