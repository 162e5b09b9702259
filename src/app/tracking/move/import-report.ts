/**
 * @file What an import brought, counted while it goes on.
 */

/** Something that was left out, and why. */
export interface LeftOut {
  /** A run, a model, a file. */
  readonly what: string;
  readonly reason: string;
}

/** What came, or would come. */
export interface ImportReport {
  readonly source: string;
  readonly isDryRun: boolean;
  /** Whether it was stopped before its end; repeating it goes on. */
  readonly wasStopped: boolean;
  /** By name, in the order they came. */
  readonly projects: readonly { readonly name: string; readonly isNew: boolean }[];
  /** `more`: runs that were here and got something they lacked. */
  readonly runs: { readonly fresh: number; readonly more: number; readonly there: number };
  readonly points: { readonly read: number; readonly added: number };
  readonly models: { readonly fresh: number; readonly there: number };
  readonly versions: { readonly fresh: number; readonly there: number };
  readonly files: { readonly fresh: number; readonly there: number; readonly bytes: number };
  readonly leftOut: readonly LeftOut[];
  /** What a person should know of it beside. */
  readonly notes: readonly string[];
  /** All that was left out; the list above names the first of them. */
  readonly leftOutCount: number;
}

/** How far it is. */
export interface ImportProgress {
  readonly project: string;
  readonly runs: number;
  readonly points: number;
}

/** Things that are named; more are counted. */
const namedMost = 1000;

/** Counts; `report` gives them as they stand. */
export class ImportCount {
  readonly projects: Map<string, boolean> = new Map();
  readonly runs: { fresh: number; more: number; there: number } = { fresh: 0, more: 0, there: 0 };
  readonly points: { read: number; added: number } = { read: 0, added: 0 };
  readonly models: { fresh: number; there: number } = { fresh: 0, there: 0 };
  readonly versions: { fresh: number; there: number } = { fresh: 0, there: 0 };
  readonly files: { fresh: number; there: number; bytes: number } = { fresh: 0, there: 0, bytes: 0 };
  private readonly named: LeftOut[] = [];
  private readonly notes: string[] = [];
  private count = 0;

  note(text: string): void {
    if (this.notes.length < namedMost) this.notes.push(text);
  }

  leaveOut(what: string, reason: string): void {
    this.count++;
    if (this.named.length < namedMost) this.named.push({ what, reason });
  }

  /** Runs that were looked at. */
  get runsSeen(): number {
    return this.runs.fresh + this.runs.more + this.runs.there;
  }

  report(about: Pick<ImportReport, "source" | "isDryRun" | "wasStopped">): ImportReport {
    const { runs, points, models, versions, files } = this;
    return {
      ...about,
      projects: [...this.projects].map(([name, isNew]) => ({ name, isNew })),
      ...{ runs, points, models, versions, files },
      leftOut: this.named,
      notes: this.notes,
      leftOutCount: this.count,
    };
  }
}
