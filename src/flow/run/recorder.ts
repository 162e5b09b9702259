/**
 * @file Writes what happens in a run: to the event log, the store and whoever watches.
 */

import { judgeSharedBudgets } from "../../guard/index.ts";
import type { Seconds, Usd } from "../../quantity/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import type { Metric, RunEvent, Verdict } from "../../run/index.ts";
import type { EventLog, RunChange, SpendEntry, Store } from "../../track/index.ts";
import type { Attached } from "./attach.ts";
import type { Meter } from "./meter.ts";

/** Seconds between writes to the store: what a kill may cost of the ledger. */
const writeEverySeconds = 5;

/** What a recorder writes to. */
export interface RecorderTargets {
  readonly runId: string;
  readonly recipe: Recipe;
  readonly store: Store;
  readonly log: EventLog;
  readonly meter: Meter;
  readonly attached: Pick<Attached, "standStill">;
  readonly now: () => Date;
  readonly elapsedSeconds: () => number;
  readonly watch: (event: RunEvent) => void;
}

/** The one hand that writes during a run. */
export class Recorder {
  /** What of the run's work the time now goes to. */
  phase = "train";
  /** What others have decided about the run, as of the last write. */
  verdict: Verdict = { act: "go-on" };
  private readonly targets: RecorderTargets;
  private metrics: Metric[] = [];
  private events: { time: string; event: RunEvent }[] = [];
  private writtenAt: number;

  constructor(targets: RecorderTargets) {
    this.targets = targets;
    this.writtenAt = targets.elapsedSeconds();
  }

  /** Tells of an event; it reaches the disk at once, the store within seconds. */
  async tell(event: RunEvent): Promise<void> {
    const item = { time: this.targets.now().toISOString(), event };
    this.targets.watch(event);
    if (event.kind === "phase") return;
    this.events.push(item);
    this.metrics.push(...metricsOf(this.targets.runId, event, item.time));
    await this.targets.log.add([item]);
    if (this.targets.elapsedSeconds() - this.writtenAt >= writeEverySeconds) await this.write();
  }

  /** The last reading of the meter: what is done from here on, writing the report, is not paid for. */
  async closeMeter(): Promise<void> {
    const { store, runId, meter, attached } = this.targets;
    meter.standStill();
    await attached.standStill(meter.session);
    await this.write();
    meter.agree((await store.totalSpend(runId)).spent);
  }

  /** Brings store and ledger up to now. */
  async write(change: RunChange = {}): Promise<void> {
    const { store, runId, recipe, meter, now } = this.targets;
    const { duration, spent } = meter.book();
    const [metrics, events] = [this.metrics, this.events];
    [this.metrics, this.events] = [[], []];
    this.writtenAt = this.targets.elapsedSeconds();
    await store.record({
      run: {
        id: runId,
        change: { wallSeconds: meter.spentSeconds, spentMicroUsd: meter.spentUsd, ...change },
      },
      metrics,
      events: { runId, items: events },
      spend: duration === 0 ? [] : [this.lineOf(duration, spent)],
    });
    const { stop, budgets } = await store.standing(recipe.name, runId, now().getTime());
    this.verdict =
      stop === null
        ? judgeSharedBudgets(budgets)
        : { act: "stop", guard: "request", sentence: `Stopped: ${stop}` };
  }

  private lineOf(duration: Seconds, spent: Usd): SpendEntry {
    const { runId, recipe, meter, now } = this.targets;
    const { priceUsdPerHour } = meter;
    const price = { priceUsdPerHour, priceSource: recipe.machine.source };
    return { runId, time: now().toISOString(), kind: this.phase, spent, duration, ...price };
  }
}

function metricsOf(runId: string, event: RunEvent, time: string): Metric[] {
  const metric = (key: string, step: number, value: number): Metric => ({ runId, key, step, value, time });
  switch (event.kind) {
    case "step-end":
      return [
        metric("train/loss", event.step, event.loss),
        metric("train/gradient_norm", event.step, event.gradientNorm),
        metric("train/learning_rate", event.step, event.learningRate),
        metric("train/tokens_per_second", event.step, event.tokens / Math.max(event.wallSeconds, 1e-9)),
      ];
    case "evaluation-end":
      return [metric("validation/loss", event.step, event.loss)];
    case "forgetting-measured":
      return (
        [
          ["forgetting/perplexity_rise", event.perplexityRise],
          ["forgetting/task_drop", event.taskDrop],
          ["forgetting/kl", event.kl],
        ] as const
      ).flatMap(([key, value]) => (value === null ? [] : [metric(key, event.step, value)]));
    default:
      return [];
  }
}
