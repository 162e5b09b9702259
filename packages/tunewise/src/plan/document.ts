/** @file Serializes plans as JSON: snake_case keys, a version, and a fingerprint that reveals changes. */
import { createHash } from "node:crypto";
import type { Finding } from "../problem/index.ts";
import { type Plan, planFormatVersion } from "./plan.ts";

/** Max. characters of a document. */
const maxCharacters = 1_000_000;
/** Max. nesting depth, above that of any plan. */
const maxDepth = 12;

/** Adds the fingerprint: SHA-256 of the document without it. */
export function sealPlan(plan: Omit<Plan, "fingerprint">): Plan {
  return { ...plan, fingerprint: fingerprintOf(plan) };
}

/**
 * Serializes a plan as JSON with snake_case keys.
 */
export function writePlan(plan: Plan): string {
  return `${JSON.stringify(renameKeys(plan, toSnake), null, 2)}\n`;
}

/**
 * Parses a plan; `null` with a finding if it is invalid.
 *
 * Finding: `PLAN_UNREADABLE` (error) if it is not JSON, of another version, or was modified.
 */
export function readPlan(text: string): {
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** Why it is invalid, as a clause; `null` if it is valid. */
  readonly reason: string | null;
} {
  if (text.length > maxCharacters) return refused("it is too long for a plan");
  let document: unknown;
  try {
    document = renameKeys(JSON.parse(text), toCamel);
  } catch {
    return refused("it is not valid JSON");
  }
  if (!isRecord(document)) return refused("it is not an object");
  if (document["formatVersion"] !== planFormatVersion) {
    return refused(`its format_version is not ${planFormatVersion}`);
  }
  const { fingerprint, ...rest } = document;
  if (fingerprint !== fingerprintOf(rest)) return refused("it was changed after it was made");
  return { plan: withNewer(document) as unknown as Plan, findings: [], reason: null };
}

/** Fills in what older plans lack: derived settings, cost distributions, and the basis of each placement's estimate. */
function withNewer(document: Record<string, unknown>): Record<string, unknown> {
  const { places, total } = document;
  const filled = Array.isArray(places)
    ? places.map((place: unknown) =>
        isRecord(place) ? { restsOn: null, ...place, total: withDistribution(place["total"]) } : place,
      )
    : places;
  return { settings: [], ...document, total: withDistribution(total), places: filled };
}

function withDistribution(total: unknown): unknown {
  return isRecord(total) ? { distribution: null, ...total } : total;
}

/** Sorts keys, so that their order does not affect the fingerprint. */
function fingerprintOf(plan: object): string {
  const sorted = (_: string, value: unknown): unknown =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  return createHash("sha256").update(JSON.stringify(plan, sorted)).digest("hex");
}

/** Converts any part of a plan to the document's key names. */
export function documentOf(value: unknown): unknown {
  return renameKeys(value, toSnake);
}

function renameKeys(value: unknown, rename: (key: string) => string, depth = 0): unknown {
  if (depth > maxDepth) throw new RangeError("deeper than a plan");
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, rename, depth + 1));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    rename(key),
    renameKeys(item, rename, depth + 1),
  ]);
  return Object.fromEntries(entries); // defines own properties, so `__proto__` is an ordinary key
}

/** `trialShare` as `trial_share`. */
export function toSnake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toCamel(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(reason: string): { plan: null; findings: Finding[]; reason: string } {
  const finding: Finding = {
    code: "PLAN_UNREADABLE",
    severity: "error",
    where: [],
    count: 1,
    title: "not a valid plan file",
    detail: `The plan is refused because ${reason}.`,
    fix: "Make a new one: tunewise plan -o plan.json",
  };
  return { plan: null, findings: [finding], reason };
}
