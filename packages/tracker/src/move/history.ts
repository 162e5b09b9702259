/**
 * @file A run history in transit between trackers, as values independent of any tracker's format. Sources produce them
 * and targets consume them; neither trusts the other. Times are milliseconds since 1970.
 */
import type { Readable } from "node:stream";
import type { ModelOutput } from "../models/outputs.ts";
import type { LoggedModel, VersionStage } from "../models/types.ts";
import type { Point } from "../points/point.ts";
import type { RunInput } from "../tracking/datasets.ts";
import type { KeyValue, Stage, TrackedStatus } from "../tracking/types.ts";
import { reasonOf } from "./read-row.ts";

/** A project of a source. */
export interface MovedProject {
  /** Id in the source. */
  readonly id: string;
  readonly name: string;
  readonly stage: Stage;
  readonly tags: readonly KeyValue[];
}

/** A run of a source, without its points. */
export interface MovedRun {
  readonly id: string;
  /** Id of its project in the source. */
  readonly project: string;
  readonly name: string;
  readonly status: TrackedStatus;
  readonly stage: Stage;
  readonly deletedMs: number | null;
  readonly person: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly params: readonly KeyValue[];
  readonly tags: readonly KeyValue[];
  readonly inputs: readonly RunInput[];
  /** Ids of its input models. */
  readonly modelInputs: readonly string[];
  readonly outputs: readonly ModelOutput[];
}

/** A point of a metric. */
export interface MovedPoint extends Point {
  readonly key: string;
}

/** A logged model of a source. */
export interface MovedModel extends Omit<LoggedModel, "number" | "project"> {
  /** Name of the project. */
  readonly project: string;
}

/** A version of a registered model in a source. */
export interface MovedVersion {
  readonly version: number;
  readonly stage: VersionStage;
  readonly description: string | null;
  readonly source: string;
  readonly run: string | null;
  readonly runLink: string | null;
  readonly loggedModel: string | null;
  /** Path of its files within those of its run or model; empty: all of them, `null`: unknown. */
  readonly path: string | null;
  readonly person: string;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly KeyValue[];
}

/** A registered model in a source. */
export interface MovedName {
  readonly name: string;
  readonly description: string | null;
  readonly createdMs: number;
  readonly tags: readonly KeyValue[];
  readonly aliases: readonly { readonly alias: string; readonly version: number }[];
  readonly versions: readonly MovedVersion[];
}

/** A file of a run or of a logged model. */
export interface MovedFile {
  /** Relative to the folder of its run or model; not validated yet. */
  readonly path: string;
  readonly bytes: number;
  /** Opens the content; reading may fail midway. */
  open(): Promise<Readable>;
}

/** An item that could not be read, with the reason. */
export interface Damage {
  readonly kind: "damage";
  /** What is damaged, such as a run's id. */
  readonly what: string;
  readonly reason: string;
}

/** Items of one kind that are not moved. */
export interface NotCarried {
  /** Such as `logged models`. */
  readonly kind: string;
  readonly count: number;
  /** The first few names. */
  readonly names: readonly string[];
}

/** Maximum names to list per kind. */
export const maxListedNames = 5;

/** Counts items of one kind, and collects the first names. */
export class Tally {
  private readonly kind: string;
  private readonly names: string[] = [];
  count = 0;

  constructor(kind: string) {
    this.kind = kind;
  }

  add(name: string): void {
    if (++this.count <= maxListedNames) this.names.push(name);
  }

  total(): NotCarried {
    const { kind, count, names } = this;
    return { kind, count, names };
  }
}

/** Whether an item is damage. */
export function isDamage(item: object): item is Damage {
  return "kind" in item && item.kind === "damage" && "reason" in item;
}

/** The run or model that owns files. */
export interface FileOwner {
  readonly of: "run" | "model";
  readonly id: string;
  readonly project: string;
}

/**
 * A source of run histories. Damaged items are yielded as `Damage` and do not stop the reading; methods throw only if
 * the whole source is unreadable.
 */
export interface HistorySource {
  /** For display, without secrets. */
  readonly place: string;
  projects(): AsyncIterable<MovedProject | Damage>;
  runs(project: MovedProject): AsyncIterable<MovedRun | Damage>;
  /** All points of a run, in batches. Throws if they cannot be read; batches yielded before that are valid. */
  points(run: MovedRun): AsyncIterable<readonly MovedPoint[]>;
  models(project: MovedProject): AsyncIterable<MovedModel | Damage>;
  registry(): AsyncIterable<MovedName | Damage>;
  files(owner: FileOwner): AsyncIterable<MovedFile | Damage>;
  /** Everything else: items that cannot be imported, and damage that belongs to no item. */
  others(): AsyncIterable<NotCarried | Damage>;
  close(): Promise<void>;
}

/** Reads an item of a source. Errors become `Damage`, so that the following items are still read. */
export async function orDamage<Item>(what: string, read: () => Item | Promise<Item>): Promise<Item | Damage> {
  try {
    return await read();
  } catch (error) {
    return { kind: "damage", what, reason: reasonOf(error) };
  }
}

/** Points per batch. */
const pointsAtOnce = 5000;

/** Groups points into batches. */
export async function* inParts(points: AsyncIterable<MovedPoint>): AsyncGenerator<MovedPoint[]> {
  let some: MovedPoint[] = [];
  for await (const point of points) {
    some.push(point);
    if (some.length < pointsAtOnce) continue;
    yield some;
    some = [];
  }
  yield some;
}
