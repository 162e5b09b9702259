/** @file Counts what an import adds, and reports it. */

import type { NotCarried } from "./history.ts";

/** Kinds of items that are skipped if they are damaged. */
type LeftOutKind =
  | "projects"
  | "runs"
  | "logged models"
  | "registered models"
  | "model versions"
  | "model aliases"
  | "links to logged models"
  | "values of logged models"
  | "files"
  | "entries of folders"
  | "W&B files";

/** A skipped item and the reason. */
export interface LeftOut {
  readonly kind: LeftOutKind;
  /** For example a run's id. */
  readonly what: string;
  readonly reason: string;
}

/** Result of an import or of a dry run. */
export interface ImportReport {
  readonly source: string;
  readonly isDryRun: boolean;
  /** Whether the import was stopped early. Repeating it continues. */
  readonly wasStopped: boolean;
  /** Projects in order of import. */
  readonly projects: readonly { readonly name: string; readonly isNew: boolean }[];
  /** `more` is the number of existing runs that were extended. */
  readonly runs: { readonly fresh: number; readonly more: number; readonly there: number };
  readonly points: { readonly read: number; readonly added: number };
  readonly models: { readonly fresh: number; readonly there: number };
  readonly versions: { readonly fresh: number; readonly there: number };
  readonly files: { readonly fresh: number; readonly there: number; readonly bytes: number };
  /** Items that are damaged or not allowed. */
  readonly leftOut: readonly LeftOut[];
  /** Number of skipped items per kind. `leftOut` lists only the first of each kind. */
  readonly leftOutKinds: readonly { readonly kind: string; readonly count: number }[];
  /** Items that no import includes. */
  readonly notCarried: readonly NotCarried[];
  /** Further notes. */
  readonly notes: readonly string[];
  /** Total number of skipped items. */
  readonly leftOutCount: number;
}

/** Progress of an import. */
export interface ImportProgress {
  readonly project: string;
  readonly runs: number;
  readonly points: number;
}

/** Maximum number of listed items per kind. Others are only counted. */
const maxListed = 1000;

/** Counters of an import; `report` returns their current values. */
export class ImportCount {
  readonly projects: Map<string, boolean> = new Map();
  readonly runs: { fresh: number; more: number; there: number } = { fresh: 0, more: 0, there: 0 };
  readonly points: { read: number; added: number } = { read: 0, added: 0 };
  readonly models: { fresh: number; there: number } = { fresh: 0, there: 0 };
  readonly versions: { fresh: number; there: number } = { fresh: 0, there: 0 };
  readonly files: { fresh: number; there: number; bytes: number } = { fresh: 0, there: 0, bytes: 0 };
  readonly notCarried: NotCarried[] = [];
  private readonly named: LeftOut[] = [];
  private readonly notes: string[] = [];
  private readonly kinds = new Map<string, number>();

  note(text: string): void {
    if (this.notes.length < maxListed) this.notes.push(text);
  }

  leaveOut(kind: LeftOutKind, what: string, reason: string): void {
    const count = (this.kinds.get(kind) ?? 0) + 1;
    this.kinds.set(kind, count);
    if (count <= maxListed) this.named.push({ kind, what, reason });
  }

  /** Number of runs processed. */
  get runsSeen(): number {
    return this.runs.fresh + this.runs.more + this.runs.there;
  }

  report(about: Pick<ImportReport, "source" | "isDryRun" | "wasStopped">): ImportReport {
    const { runs, points, models, versions, files } = this;
    return {
      ...about,
      projects: [...this.projects].map(([name, isNew]) => ({ name, isNew })),
      runs,
      points,
      models,
      versions,
      files,
      leftOut: this.named,
      leftOutKinds: [...this.kinds].map(([kind, count]) => ({ kind, count })),
      notCarried: this.notCarried,
      notes: this.notes,
      leftOutCount: [...this.kinds.values()].reduce((sum, count) => sum + count, 0),
    };
  }
}
