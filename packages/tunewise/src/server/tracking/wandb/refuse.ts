/**
 * @file Errors, as W&B's clients expect them.
 *
 * GraphQL errors come with status 200: these clients repeat what comes with 409, 429 or 5xx, for minutes, and show
 * their user the message of what comes with 200.
 *
 * @source wandb/wandb core/internal/clients (retry policies)
 */
import { TunewiseError } from "../../../problem/index.ts";
import { HttpError, type Reply } from "../../http/route.ts";

/** Marks refusals that clients get as errors of GraphQL. */
const code = "wandb";

/** A refusal that the client shows its user, and after which it does not try again. */
export function wandbRefusal(message: string): HttpError {
  return new HttpError(400, code, message);
}

/** A refusal for something that is not there. Who may not see it would be told the same (`roots.ts`). */
export function wandbMissing(message: string): HttpError {
  return new HttpError(404, code, message);
}

/** Problems a client can do something about. */
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

/** A full disk: clients keep what they have and send it again for some minutes, beside the training. */
const full: ReadonlySet<string> = new Set(["ARTIFACT_STORE_FULL", "STORE_FULL"]);

/** The message for the client, or `null` if the error is none of its business. */
export function messageOf(error: unknown): string | null {
  if (error instanceof HttpError) return error.code === code ? error.message : null;
  if (TunewiseError.is(error) && error.code === "RUN_DUPLICATE")
    return `${error.message} To run it again all the same, give a tag tunewise.force=REASON.`;
  return TunewiseError.is(error) && problems.has(error.code) ? error.message : null;
}

/** The reply for something thrown. What is none of the client's business stays here. */
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
