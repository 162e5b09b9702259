/**
 * @file The runs behind the trials of a search: which run a trial is, and what the search has paid for it.
 */
import { join } from "node:path";
import { cost, seconds, type Usd } from "../../quantity/index.ts";
import type { SearchRate } from "../../report/index.ts";
import { runFolderAt, type Store } from "../../track/index.ts";
import { trialOf } from "../runs/index.ts";
import type { BegunRun } from "../train/index.ts";
import { type LineLog, openLineLog } from "./line-log.ts";
import type { SearchFolder } from "./search-folder.ts";
import { shareOf } from "./search-money.ts";

/** A trial's run. */
export interface TrialRun {
  readonly trial: number;
  readonly run: string;
  /** What the run had cost before the search took it up, in micro-dollars of the search's rate. */
  readonly microUsdBefore: number;
  /** Seconds of its ledger from before it had the whole machine to itself, where several trials shared it. */
  readonly sharedSeconds?: number;
  /** Share of the rows that it was trained on, where rungs are slices of the rows; none: all of them. */
  readonly slice?: number;
}

/** Runs by trial, on disk and at hand. Where rungs are slices of the rows, a trial has a run for each of them. */
export class TrialRuns {
  readonly #folder: SearchFolder;
  readonly #output: string;
  readonly #rate: SearchRate;
  readonly #parallel: number;
  readonly #store: Store;
  readonly #log: LineLog;
  /** By trial and slice. */
  readonly #known: Map<string, TrialRun>;

  private constructor(
    folder: SearchFolder,
    output: string,
    rate: SearchRate,
    parallel: number,
    store: Store,
    log: LineLog,
  ) {
    this.#folder = folder;
    this.#output = output;
    this.#rate = rate;
    this.#parallel = parallel;
    this.#store = store;
    this.#log = log;
    this.#known = new Map((log.known as TrialRun[]).map((one) => [keyOf(one.trial, one.slice), one]));
  }

  /** Opens what a search knows of its runs. @param rate of the whole machine, which `parallel` trials share */
  static async open(
    folder: SearchFolder,
    output: string,
    rate: SearchRate,
    store: Store,
    parallel = 1,
  ): Promise<TrialRuns> {
    return new TrialRuns(folder, output, rate, parallel, store, await openLineLog(folder.runs));
  }

  /**
   * The run of a trial, begun by `begin` where there is none. A run that was begun right before a kill is found by its
   * summary.
   *
   * @param slice share of the rows; none: all of them
   */
  async of(
    trial: number,
    resumeRun: string | null,
    begin: () => Promise<BegunRun>,
    slice?: number,
  ): Promise<BegunRun> {
    const known = this.#known.get(keyOf(trial, slice));
    if (known !== undefined) return this.#placeOf(known.run);
    const about = { trial, ...(slice === undefined ? {} : { slice }) };
    const begun = resumeRun ?? (await this.#begunBefore(trial, slice));
    if (begun === null) {
      const made = await begin();
      await this.#note({ ...about, run: made.runId, microUsdBefore: 0 });
      return made;
    }
    await this.#note({ ...about, run: begun, microUsdBefore: resumeRun ? await this.#total(begun) : 0 });
    return this.#placeOf(begun);
  }

  /** What a trial's run had cost before the search took it up. */
  beforeOf(trial: number, slice?: number): number {
    return this.#known.get(keyOf(trial, slice))?.microUsdBefore ?? 0;
  }

  /** Id of a trial's run on all rows; `null`: it has none. */
  wholeOf(trial: number): string | null {
    return this.#known.get(keyOf(trial))?.run ?? null;
  }

  /** Id of a trial's latest run; `null`: it has none. */
  idOf(trial: number): string | null {
    return this.#runsOf(trial).at(-1)?.run ?? null;
  }

  /** What a trial's runs have cost in all, also before the search took them up. */
  async totalOf(trial: number): Promise<number> {
    let sum = 0;
    for (const { run, sharedSeconds } of this.#runsOf(trial)) sum += await this.#total(run, sharedSeconds);
    return sum;
  }

  /** Notes that a trial's run on all rows has the whole machine from now on. */
  async takeWhole(trial: number): Promise<void> {
    const known = this.#known.get(keyOf(trial));
    if (this.#parallel === 1 || known === undefined || known.sharedSeconds !== undefined) return;
    const { duration } = await this.#store.totalSpend(known.run);
    await this.#note({ ...known, sharedSeconds: duration });
  }

  /** What the caps of a trial's run on all rows count: its ledger's money, or all of its time where the machine costs nothing. */
  async meteredOf(trial: number): Promise<number> {
    const known = this.#known.get(keyOf(trial));
    if (known === undefined) return 0;
    const { spent, duration } = await this.#store.totalSpend(known.run);
    return this.#rate.isMoney ? spent : cost(this.#rate.usdPerHour, duration);
  }

  /** What the search has paid for a trial so far, final run included. */
  async paidFor(trial: number): Promise<Usd> {
    const before = this.#runsOf(trial).reduce((sum, { microUsdBefore }) => sum + microUsdBefore, 0);
    return ((await this.totalOf(trial)) - before) as Usd;
  }

  /** What the search has paid for all its trials. */
  async paid(): Promise<Usd> {
    let sum = 0;
    for (const trial of new Set(this.trials.map((one) => one.trial))) sum += await this.paidFor(trial);
    return sum as Usd;
  }

  /** All runs of trials, in the order in which they began. */
  get trials(): readonly TrialRun[] {
    return [...this.#known.values()];
  }

  #runsOf(trial: number): readonly TrialRun[] {
    return this.trials.filter((one) => one.trial === trial);
  }

  async close(): Promise<void> {
    await this.#log.close();
  }

  /** Of the ledger: a machine without a price is counted by its time. */
  async #total(run: string, sharedSeconds = Number.POSITIVE_INFINITY): Promise<number> {
    const { spent, duration } = await this.#store.totalSpend(run);
    if (this.#rate.isMoney) return spent;
    const shared = Math.min(duration, sharedSeconds);
    const part = shareOf(this.#rate, this.#parallel);
    return cost(part.usdPerHour, seconds(shared)) + cost(this.#rate.usdPerHour, seconds(duration - shared));
  }

  async #begunBefore(trial: number, slice?: number): Promise<string | null> {
    const runs = await this.#store.listRuns({ limit: 10 + 2 * this.#parallel });
    const isOurs = (summary: ReturnType<typeof trialOf>): boolean =>
      summary?.search === this.#folder.id && summary.trial === trial && summary.slice === slice;
    return runs.find((run) => isOurs(trialOf(run)))?.id ?? null;
  }

  async #note(run: TrialRun): Promise<void> {
    await this.#log.add([run]);
    this.#known.set(keyOf(run.trial, run.slice), run);
  }

  async #placeOf(runId: string): Promise<BegunRun> {
    const { createdAt, configuration } = await this.#store.findRun(runId);
    const folder = runFolderAt(join(this.#output, "runs", runId));
    return { runId, createdAt, configuration, folder, output: this.#output };
  }
}

function keyOf(trial: number, slice?: number): string {
  return `${trial}/${slice ?? "all"}`;
}
