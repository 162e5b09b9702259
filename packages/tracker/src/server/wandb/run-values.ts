/** @file Values of runs for filters and orders, by W&B's names. */
import { readLooseJson } from "../../index.ts";
import { fieldsOf, isFields } from "./fields.ts";
import { wandbRefusal } from "./refuse.ts";

/** A run's requested values. */
export interface RunValues {
  readonly plain: Readonly<Record<PlainField, string | null>>;
  /** `null` if not requested. */
  readonly tags: ReadonlyMap<string, string> | null;
  readonly config: unknown;
  readonly summary: unknown;
}

type PlainField = "name" | "display_name" | "state" | "created_at" | "heartbeat_at" | "username";

/** A field of a filter or an order. */
export type RunField =
  | { readonly of: "plain"; readonly field: PlainField }
  | { readonly of: "tag"; readonly key: string }
  | { readonly of: "config" | "summary"; readonly path: readonly string[] };

const named: Readonly<Record<string, RunField>> = {
  name: { of: "plain", field: "name" },
  id: { of: "plain", field: "name" },
  display_name: { of: "plain", field: "display_name" },
  displayName: { of: "plain", field: "display_name" },
  state: { of: "plain", field: "state" },
  created_at: { of: "plain", field: "created_at" },
  createdAt: { of: "plain", field: "created_at" },
  heartbeat_at: { of: "plain", field: "heartbeat_at" },
  heartbeatAt: { of: "plain", field: "heartbeat_at" },
  username: { of: "plain", field: "username" },
  user: { of: "plain", field: "username" },
  tags: { of: "tag", key: "wandb.tags" },
  group: { of: "tag", key: "wandb.group" },
  job_type: { of: "tag", key: "wandb.job_type" },
  jobType: { of: "tag", key: "wandb.job_type" },
  notes: { of: "tag", key: "wandb.notes" },
  description: { of: "tag", key: "wandb.notes" },
  sweep: { of: "tag", key: "wandb.sweep" },
  sweepName: { of: "tag", key: "wandb.sweep" },
  host: { of: "tag", key: "wandb.host" },
  commit: { of: "tag", key: "wandb.commit" },
};

/** Maximum parts and characters of a key. */
const maxParts = 10;
const maxLetters = 1_000;

/**
 * Parses the name of a field, such as `config.lr`, `summary_metrics.loss` or `state`.
 *
 * @throws {HttpError} for an unknown field
 */
export function readRunField(name: string): RunField {
  const field = Object.hasOwn(named, name) ? named[name] : undefined;
  if (field) return field;
  const [, of, rest = ""] = /^(config|summary_metrics|summaryMetrics|summary)\.(.+)$/s.exec(name) ?? [];
  const path = rest.split(".");
  if (of === undefined || name.length > maxLetters || path.length > maxParts) {
    throw wandbRefusal(
      `tunewise does not know ${JSON.stringify(name.slice(0, 60))} of a run; it knows config.KEY, ` +
        "summary_metrics.KEY, name, display_name, state, tags, group, job_type, notes, username, created_at and " +
        "heartbeat_at.",
    );
  }
  return { of: of === "config" ? "config" : "summary", path };
}

/** A run's value of a field; `undefined` if it has none. */
export function valuesOf({ plain, tags, config, summary }: RunValues, field: RunField): unknown {
  if (field.of === "plain") return plain[field.field] ?? undefined;
  if (field.of === "tag") {
    const value = tags?.get(field.key);
    return value !== undefined && field.key === "wandb.tags" ? readLooseJson(value) : value;
  }
  if (field.of === "summary") return valueAt(summary, field.path);
  return configAt(config, field.path);
}

/** Finds a value of the configuration, which stores values under `value`; names in filters may omit that part. */
function configAt(config: unknown, path: readonly string[]): unknown {
  const entries = fieldsOf(config);
  for (let length = 1; length <= path.length; length++) {
    const key = path.slice(0, length).join(".");
    if (!Object.hasOwn(entries, key)) continue;
    const entry = entries[key];
    const value = isFields(entry) && "value" in entry ? entry["value"] : entry;
    const rest = path.slice(length);
    const found = valueAt(value, rest);
    if (found !== undefined) return found;
    if (rest[0] === "value") return valueAt(value, rest.slice(1));
  }
  return undefined;
}

/** Finds the value at a path; keys may contain dots. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return value;
  if (!isFields(value)) return undefined;
  for (let length = 1; length <= path.length; length++) {
    const key = path.slice(0, length).join(".");
    const found = Object.hasOwn(value, key) ? valueAt(value[key], path.slice(length)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
