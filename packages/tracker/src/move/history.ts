/**
 * @file A history as it is moved from one tracker to another: values that no tracker's format shows through. Sources
 * give them, targets take them, and neither trusts the other. Times are milliseconds since 1970.
 */
import type { Readable } from "node:stream";
import type { LoggedModel, VersionStage } from "../models/nouns.ts";
import type { ModelOutput } from "../models/outputs.ts";
import type { Point } from "../points/point.ts";
import type { RunInput } from "../tracking/datasets.ts";
import type { Fact, Stage, TrackedStatus } from "../tracking/nouns.ts";
import { reasonOf } from "./read-row.ts";

/** A project of a source. */
export interface MovedProject {
  /** The source's own word for it. */
  readonly id: string;
  readonly name: string;
  readonly stage: Stage;
  readonly tags: readonly Fact[];
}

/** A run of a source, without its points. */
export interface MovedRun {
  readonly id: string;
  /** The source's word for its project. */
  readonly project: string;
  readonly name: string;
  readonly status: TrackedStatus;
  readonly stage: Stage;
  readonly deletedMs: number | null;
  readonly person: string;
  readonly startedMs: number;
  readonly endedMs: number | null;
  readonly params: readonly Fact[];
  readonly tags: readonly Fact[];
  readonly inputs: readonly RunInput[];
  /** Ids of logged models that it was given. */
  readonly modelInputs: readonly string[];
  readonly outputs: readonly ModelOutput[];
}

/** A point of some metric. */
export interface MovedPoint extends Point {
  readonly key: string;
}

/** A logged model of a source. */
export interface MovedModel extends Omit<LoggedModel, "number" | "project"> {
  /** Name of the project. */
  readonly project: string;
}

/** A version of a name in a source's registry. */
export interface MovedVersion {
  readonly version: number;
  readonly stage: VersionStage;
  readonly description: string | null;
  readonly source: string;
  readonly run: string | null;
  readonly runLink: string | null;
  readonly loggedModel: string | null;
  /** Where its files lie among those of its run or model; empty for all of them, `null` where that is not known. */
  readonly path: string | null;
  readonly person: string;
  readonly createdMs: number;
  readonly changedMs: number;
  readonly tags: readonly Fact[];
}

/** A name in a source's registry. */
export interface MovedName {
  readonly name: string;
  readonly description: string | null;
  readonly createdMs: number;
  readonly tags: readonly Fact[];
  readonly aliases: readonly { readonly alias: string; readonly version: number }[];
  readonly versions: readonly MovedVersion[];
}

/** A file of a run or of a logged model. */
export interface MovedFile {
  /** Below its run's or model's own folder; not checked yet. */
  readonly path: string;
  readonly bytes: number;
  /** Its content; may fail while it is read. */
  open(): Promise<Readable>;
}

/** Something that could not be read, in words, and what it was. */
export interface Damage {
  readonly kind: "damage";
  /** Such as a run's id. */
  readonly what: string;
  readonly reason: string;
}

/** Items of one kind that a move does not carry. */
export interface NotCarried {
  /** Such as `logged models`. */
  readonly kind: string;
  readonly count: number;
  /** The first few. */
  readonly names: readonly string[];
}

/** Names of a kind that are listed. */
export const maxListedNames = 5;

/** Counts items of one kind, and lists the first names. */
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

/** Whether something is damage. */
export function isDamage(item: object): item is Damage {
  return "kind" in item && item.kind === "damage" && "reason" in item;
}

/** Whose files. */
export interface FileOwner {
  readonly of: "run" | "model";
  readonly id: string;
  readonly project: string;
}

/**
 * Where a history comes from. What is damaged is given as damage in its place, and does not end the reading; only what
 * makes the whole source unreadable is thrown.
 */
export interface HistorySource {
  /** Shown to people, without secrets. */
  readonly place: string;
  projects(): AsyncIterable<MovedProject | Damage>;
  runs(project: MovedProject): AsyncIterable<MovedRun | Damage>;
  /** All points of a run, in parts. Throws where they cannot be read; what came before was whole. */
  points(run: MovedRun): AsyncIterable<readonly MovedPoint[]>;
  models(project: MovedProject): AsyncIterable<MovedModel | Damage>;
  registry(): AsyncIterable<MovedName | Damage>;
  files(owner: FileOwner): AsyncIterable<MovedFile | Damage>;
  /** What no other method gives: items that cannot be imported, and damage that belongs to no item. */
  others(): AsyncIterable<NotCarried | Damage>;
  close(): Promise<void>;
}

/** Reads an item of a source. What cannot be read is damage, and the items after it are read all the same. */
export async function orDamage<Item>(what: string, read: () => Item | Promise<Item>): Promise<Item | Damage> {
  try {
    return await read();
  } catch (error) {
    return { kind: "damage", what, reason: reasonOf(error) };
  }
}

/** Points per part. */
const pointsAtOnce = 5000;

/** Points one by one as parts of some thousand. */
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
