/**
 * @file Converts errors to MLflow's format: an error code that its clients know, and a status that they do not retry.
 *
 * @source mlflow/mlflow mlflow/exceptions.py, ERROR_CODE_TO_HTTP_STATUS; clients retry 408, 429, 500, 502, 503, 504
 */

import { HttpError, notVisible, type Reply } from "../../http/index.ts";
import { TunewiseError } from "../../problem/index.ts";

/** Codes this server uses, with their statuses. */
const statuses = {
  INVALID_PARAMETER_VALUE: 400,
  RESOURCE_ALREADY_EXISTS: 400,
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  RESOURCE_DOES_NOT_EXIST: 404,
  ENDPOINT_NOT_FOUND: 404,
  INVALID_STATE: 400,
  RESOURCE_CONFLICT: 409,
  RESOURCE_EXHAUSTED: 507,
  INTERNAL_ERROR: 500,
  NOT_IMPLEMENTED: 501,
} as const;

type MlflowCode = keyof typeof statuses;

/** Creates a refusal with one of MLflow's codes. */
export function mlflowRefusal(code: MlflowCode, message: string): HttpError {
  return new HttpError(statuses[code], code, message);
}

/** The refusal for an invalid value. */
export function invalidParameter(message: string): HttpError {
  return mlflowRefusal("INVALID_PARAMETER_VALUE", message);
}

/** The refusal for something that does not exist. */
export function notFound(message: string): HttpError {
  return mlflowRefusal("RESOURCE_DOES_NOT_EXIST", message);
}

/** Problems that a client can act on. */
const problems: ReadonlyMap<string, MlflowCode> = new Map([
  ["RUN_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"],
  ["PROJECT_EXISTS", "RESOURCE_ALREADY_EXISTS"],
  ["RUN_EXISTS", "RESOURCE_ALREADY_EXISTS"],
  ["RUN_DELETED", "INVALID_PARAMETER_VALUE"],
  ["PARAM_CHANGED", "INVALID_PARAMETER_VALUE"],
  ["LOGGED_MODEL_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"],
  ["MODEL_PARAM_CHANGED", "INVALID_PARAMETER_VALUE"],
  ["RUN_DUPLICATE", "RESOURCE_CONFLICT"],
  ["SHARED_BUDGET_SPENT", "PERMISSION_DENIED"],
  ["TRACE_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"],
  ["TRACE_EXISTS", "INVALID_PARAMETER_VALUE"],
  ["ASSESSMENT_NOT_FOUND", "RESOURCE_DOES_NOT_EXIST"],
  ["ASSESSMENTS_TOO_MANY", "INVALID_PARAMETER_VALUE"],
  ["ARTIFACT_PATH_TAKEN", "RESOURCE_CONFLICT"],
  ["ARTIFACT_PATH_TOO_LONG", "INVALID_PARAMETER_VALUE"],
  ["UPLOAD_CUT_OFF", "INVALID_PARAMETER_VALUE"],
  // not a status that clients retry for minutes, since space is freed only by hand
  ["ARTIFACT_STORE_FULL", "RESOURCE_EXHAUSTED"],
  ["STORE_FULL", "RESOURCE_EXHAUSTED"],
]);

/** MLflow's own messages, for programs that match them. */
const sentences: Readonly<Record<string, (about: TunewiseError["params"]) => string>> = {
  RUN_NOT_FOUND: ({ id }) => `Run with id=${id} not found`,
  RUN_DELETED: ({ id }) => `The run ${id} must be in the 'active' state. Current state is deleted.`,
  RUN_DUPLICATE: ({ id, date, result, price }) =>
    `Run ${id} of ${date} is the same experiment: ${result}, for ${price}. To run it again all the same, say why in the tag tunewise.force.`,
  ARTIFACT_STORE_FULL: ({ path }) =>
    `No room is left on the server for ${path}. Whoever runs the server has to free some; it was not stored.`,
  STORE_FULL: () =>
    "No room is left on the server for what was logged. Whoever runs the server has to free some; nothing of this request was stored.",
  PROJECT_EXISTS: ({ name, number, stage }) =>
    `Experiment(name=${name}) already exists. It has the id ${number} and is ${stage}.`,
  PARAM_CHANGED: ({ id, key, before, value }) =>
    `Changing param values is not allowed. Param with key='${key}' was already logged with value='${before}' for run ID='${id}'. Attempted logging new value '${value}'.`,
};

/** Returns the reply for an error. Does not disclose internal errors. */
export function refuse(error: unknown): Reply {
  if (error instanceof HttpError) return reply(error.status, codeOf(error), error.message);
  const code = TunewiseError.is(error) ? problems.get(error.code) : undefined;
  if (TunewiseError.is(error) && code) {
    return reply(statuses[code], code, sentences[error.code]?.(error.params) ?? error.message);
  }
  return reply(500, "INTERNAL_ERROR", "The server failed to answer.");
}

function reply(status: number, code: string, message: string): Reply {
  return { status, body: { error_code: code, message } };
}

function codeOf({ code, status }: HttpError): string {
  if (code !== null && Object.hasOwn(statuses, code)) return code;
  if (code === notVisible) return "RESOURCE_DOES_NOT_EXIST";
  if (status === 401) return "UNAUTHENTICATED";
  if (status === 403) return "PERMISSION_DENIED";
  return status === 404 || status === 405 ? "ENDPOINT_NOT_FOUND" : "BAD_REQUEST";
}
