/**
 * @file What went wrong, in the words of W&B's clients.
 *
 * GraphQL errors come with status 200: these clients repeat what comes with 409, 429 or 5xx, for minutes, and show
 * their user the message of what comes with 200.
 *
 * @source wandb/wandb core/internal/clients (retry policies)
 */
import { TunewiseError } from "../../../problem/index.ts";
import { Refused, type Reply } from "../route.ts";

/** Thrown by this protocol: the client is told so, and does not try again. */
export class WandbRefusal extends Error {}

/** Problems a client can do something about. */
const problems: ReadonlySet<string> = new Set([
  "RUN_NOT_FOUND",
  "RUN_DELETED",
  "PROJECT_EXISTS",
  "SHARED_BUDGET_SPENT",
]);

/** What the client is to be told, or `null` where it is none of its business. */
export function messageOf(error: unknown): string | null {
  if (error instanceof WandbRefusal) return error.message;
  if (TunewiseError.is(error) && error.code === "RUN_DUPLICATE")
    return `${error.message} To run it again all the same, give a tag tunewise.force=REASON.`;
  return TunewiseError.is(error) && problems.has(error.code) ? error.message : null;
}

/** The reply for something thrown. What is none of the client's business stays here. */
export function refuse(error: unknown): Reply {
  if (error instanceof Refused)
    return { status: error.status, body: { errors: [{ message: error.message }] } };
  const message = messageOf(error);
  if (message !== null) return { status: 400, body: { error: message, errors: [{ message }] } };
  return { status: 500, body: { errors: [{ message: "The server failed to answer." }] } };
}
