/**
 * @file Errors in the form of an API server's responses.
 *
 * @source Kubernetes API, meta/v1 Status
 */
import type { Resource } from "./resources.ts";

/** The parts of a kind that messages need. */
type Named = Pick<Resource, "group" | "plural">;

/** An invalid field. */
export interface FieldCause {
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueNotSupported"
    | "FieldValueForbidden";
  readonly field: string;
  readonly message: string;
}

interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly FieldCause[];
}

/** A refused request. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails;

  /** Creates the error without sending a response. */
  constructor(code: number, reason: string, message: string, details: StatusDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the response. */
  body(): object {
    const { code, reason, message, details } = this;
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message,
      ...(reason !== "" && { reason }),
      ...(Object.keys(details).length > 0 && { details }),
      code,
    };
  }
}

/** The qualified name of a kind, such as `rayjobs.ray.io`. */
export function qualified({ plural, group }: Named): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** No object has that name. */
export function notFound(resource: Resource, name: string): ApiError {
  const message = `${qualified(resource)} "${name}" not found`;
  return new ApiError(404, "NotFound", message, detailsOf(resource, name));
}

/** The name exists. */
export function alreadyExists(resource: Resource, name: string): ApiError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new ApiError(409, "AlreadyExists", message, detailsOf(resource, name));
}

/** The object changed since the version in the request. */
export function conflict(resource: Named, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new ApiError(409, "Conflict", message, detailsOf(resource, name));
}

/** The user lacks permission, or a quota is exceeded. */
export function forbidden(resource: Resource, name: string, why: string): ApiError {
  const message = `${qualified(resource)} "${name}" is forbidden: ${why}`;
  return new ApiError(403, "Forbidden", message, detailsOf(resource, name));
}

/** The object has invalid fields. */
export function invalid(resource: Resource, name: string, causes: readonly FieldCause[]): ApiError {
  const { kind, group } = resource;
  const texts = causes.map(({ field, message }) => `${field}: ${message}`);
  const listed = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const message = `${group === "" ? kind : `${kind}.${group}`} "${name}" is invalid: ${listed}`;
  return new ApiError(422, "Invalid", message, { ...detailsOf(resource, name), kind, causes });
}

/** The request itself is malformed. */
export function badRequest(message: string): ApiError {
  return new ApiError(400, "BadRequest", message);
}

function detailsOf({ group, plural }: Named, name: string): StatusDetails {
  return { name, ...(group !== "" && { group }), kind: plural };
}
