/** @file Converts errors to the format of tunewise's own protocols: a code, a message, parameters and a fix. */

import { HttpError, type JsonSchema, type Reply } from "@tunewise/tracker/http";
import type { z } from "zod";
import { TunewiseError } from "../../../problem/index.ts";

/** Shape of the body of an error. */
export const errorShape: JsonSchema = {
  type: "object",
  properties: {
    error: {
      type: "object",
      properties: {
        code: { type: "string", description: "Problem code; see `tunewise explain`." },
        message: { type: "string" },
        about: { type: "object", description: "Values in the message." },
        fix: { type: "string" },
      },
      required: ["code", "message"],
    },
  },
};

/** The error for the first violation of a route's schema. */
export function invalidBody({ path, message }: z.core.$ZodIssue): HttpError {
  return new HttpError(400, "invalid_body", `${path.join(".") || "body"}: ${message}`);
}

/** Problems that a client can act on, with statuses that clients do not retry. */
const statuses: ReadonlyMap<string, number> = new Map([
  ["RUN_NOT_FOUND", 404],
  ["RUN_DELETED", 409],
  ["RUN_EXISTS", 409],
  ["RUN_DUPLICATE", 409],
  ["SHARED_BUDGET_SPENT", 403],
  ["PLAN_UNKNOWN", 409],
  ["PLAN_SUM_DIFFERS", 409],
  ["PLAN_STALE", 409],
  ["RUN_NOT_APPROVED", 409],
  ["RUN_NOT_STARTED", 409],
  ["SERVED_RECIPE_UNKNOWN", 404],
  ["RECIPE_COMMAND_FAILED", 422],
  ["RECIPE_INVALID", 422],
  ["RECIPE_NOT_FOUND", 422],
  ["USAGE_VALUE_INVALID", 400],
  ["SPEND_GROUP_UNKNOWN", 400],
  ["SPEND_DAY_INVALID", 400],
]);

/** Returns the reply for an error. Does not disclose internal errors. */
export function refuse(error: unknown): Reply {
  if (error instanceof HttpError) {
    const { status, code, message } = error;
    return { status, body: { error: { code, message } } };
  }
  const status = TunewiseError.is(error) ? statuses.get(error.code) : undefined;
  if (TunewiseError.is(error) && status !== undefined) {
    const { code, message, params, fix } = error;
    return { status, body: { error: { code, message, about: params, fix } } };
  }
  return { status: 500, body: { error: { code: "internal", message: "The server failed to answer." } } };
}
