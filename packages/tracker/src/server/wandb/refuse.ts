/**
 * @file Converts errors to the format that W&B's clients expect.
 *
 * GraphQL errors have status 200: the clients retry 409, 429 and 5xx for minutes, but show the user the message of an
 * error with status 200.
 *
 * @source wandb/wandb core/internal/clients (retry policies)
 */

import { HttpError, type Reply } from "../../http/index.ts";
import { TunewiseError } from "../../problem/index.ts";

/** Code of refusals that are sent as GraphQL errors. */
const code = "wandb";

/** Creates a refusal that the client shows its user and does not retry. */
export function wandbRefusal(message: string): HttpError {
  return new HttpError(400, code, message);
}

/** Creates a refusal for something that does not exist. Callers who may not see it get the same reply (`roots.ts`). */
export function wandbMissing(message: string): HttpError {
  return new HttpError(404, code, message);
}

/** Problems that a client can act on. */
const problems: ReadonlySet<string> = new Set([
  "RUN_NOT_FOUND",
  "RUN_DELETED",
  "PROJECT_EXISTS",
  "SHARED_BUDGET_SPENT",
  "ALERTS_TOO_MANY",
  "FORK_TOO_LARGE",
  "ARTIFACT_PATH_TAKEN",
  "ARTIFACT_PATH_TOO_LONG",
  "UPLOAD_CUT_OFF",
]);

/** Problems of a full disk. Clients keep their data and retry for some minutes, without blocking the training. */
const full: ReadonlySet<string> = new Set(["ARTIFACT_STORE_FULL", "STORE_FULL"]);

/** The message for the client, or `null` if the error must not be disclosed. */
export function messageOf(error: unknown): string | null {
  if (error instanceof HttpError) return error.code === code ? error.message : null;
  if (TunewiseError.is(error) && error.code === "RUN_DUPLICATE")
    return `${error.message} To run it again all the same, give a tag tunewise.force=REASON.`;
  return TunewiseError.is(error) && problems.has(error.code) ? error.message : null;
}

/** Returns the reply for an error. Does not disclose internal errors. */
export function refuse(error: unknown): Reply {
  const message = messageOf(error);
  if (message !== null) return { status: 400, body: { error: message, errors: [{ message }] } };
  if (error instanceof HttpError) {
    return { status: error.status, body: { errors: [{ message: error.message }] } };
  }
  if (TunewiseError.is(error) && full.has(error.code)) {
    return { status: 507, body: { errors: [{ message: "No room is left on the server." }] } };
  }
  return { status: 500, body: { errors: [{ message: "The server failed to answer." }] } };
}
