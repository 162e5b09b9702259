/** @file Progress of a search: a line per segment of a trial with cost and budget, above the run's own line. */

import { countOf } from "@tunewise/core/quantity";
import type { EventBody } from "@tunewise/core/run";
import type { SearchUpdate } from "../../app/search/index.ts";
import { searchWords } from "../../report/index.ts";
import type { Console } from "../console.ts";
import { advance, createPhaseProgress, eventText, noProgress, type ProgressState } from "./progress.ts";
import { plain } from "./terminal.ts";

/** Shows the progress of a search; `close` restores the terminal line. */
export interface SearchProgress {
  /** @param trial number of the event's trial; `null` for a final run */
  watch(event: EventBody, trial: number | null): void;
  update(news: SearchUpdate): void;
  close(): void;
}

/**
 * Creates the progress display; with `--json`, only the result goes to stdout.
 *
 * @param parallel concurrent trials; with several, one line shows the progress of each
 */
export function createSearchProgress(console: Console, parallel: number): SearchProgress {
  const run = createPhaseProgress(console);
  const atWork = new Map<number, ProgressState>();
  return {
    watch: (event, trial) => {
      if (!isShown(event) && !(trial !== null && parallel > 1)) return;
      if (trial === null || parallel === 1) return run.show(event);
      const state = atWork.get(trial);
      if (state !== undefined) atWork.set(trial, advance(state, event, 0));
      const text = isShown(event) ? eventText(event) : null;
      if (text !== null) {
        run.close();
        (event.kind === "guard-tripped" || event.kind === "finding" ? console.error : console.info)(
          `trial ${trial}: ${text}`,
        );
      }
      run.show({ kind: "phase", name: severalText(atWork), done: 0, total: 0 });
    },
    update: (news) => {
      run.close();
      if (news.kind === "stretch-start") atWork.set(news.trial.id, noProgress);
      if (news.kind === "stretch-end") atWork.delete(news.trial.id);
      console.info(updateText(news));
    },
    close: run.close,
  };
}

/** `2 at work: trial 3 step 5/18 loss 1.234 · trial 4 starts`. */
export function severalText(atWork: ReadonlyMap<number, ProgressState>): string {
  const each = [...atWork].map(([trial, { step, steps, losses }]) => {
    const loss = losses.at(-1);
    if (steps === 0) return `trial ${trial} starts`;
    return `trial ${trial} step ${step}/${steps}${loss === undefined ? "" : ` loss ${loss.toPrecision(4)}`}`;
  });
  return `${atWork.size} at work: ${each.join(" · ")}`;
}

/** Hides events that the segment's own line reports, and the caps of segments, which the search sets. */
function isShown(event: EventBody): boolean {
  if (event.kind === "guard-tripped")
    return event.verdict.act !== "go-on" && event.verdict.guard !== "budget";
  return !["run-start", "checkpoint-saved", "run-end", "evaluation-end"].includes(event.kind);
}

/** Text about a segment. */
export function updateText(news: SearchUpdate): string {
  switch (news.kind) {
    case "range-start": {
      const { steps, ends, usd, rate } = news;
      return `range test: ${countOf(steps, "step")} with the learning rate rising from ${ends.low} to ${ends.high}, at most ${searchWords.moneyText(usd, rate)}`;
    }
    case "range-end":
      return `  ${searchWords.rangeSentence(news.outcome)} ${searchWords.moneyText(news.outcome.microUsd, news.rate)}`;
    case "known":
      return `${news.runs} earlier ${news.runs === 1 ? "run is" : "runs are"} of this search already: taken from the record`;
    case "stretch-start": {
      const { trial, how, fidelity, spentUsd, budgetUsd, rate } = news;
      const text = (money: typeof spentUsd): string => searchWords.moneyText(money, rate);
      const part = `${fidelity === "steps" ? "to" : "on"} ${searchWords.partText(trial.to, fidelity)}`;
      return `${text(spentUsd)} of ${text(budgetUsd)} · trial ${trial.id} ${how}, ${part}: ${plain(searchWords.pointText(trial.point))}`;
    }
    case "stretch-end": {
      const { result, trial, usd, rate } = news;
      const cost = searchWords.moneyText(usd, rate);
      if (result.value !== null)
        return `  trial ${trial.id}: validation loss ${result.value.toPrecision(4)}, ${cost}`;
      return `  trial ${trial.id}: ${result.status}${result.sentence === "" ? "" : `: ${plain(result.sentence)}`}, ${cost}`;
    }
    case "final":
      return `final run: ${news.isOwn ? "the recipe's own settings" : `the best settings, trial ${news.trial}`}`;
  }
}
