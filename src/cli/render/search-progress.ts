/**
 * @file Progress of a search: a line for each stretch with money and what is left, and the run's own line below it.
 */
import { type SearchNews, searchWords } from "../../flow/index.ts";
import type { RunEvent } from "../../run/index.ts";
import type { Face } from "../face.ts";
import { plain } from "./place.ts";
import { createProgress } from "./progress.ts";

/** Shows what happens in a search; `close` leaves the terminal tidy. */
export interface SearchProgress {
  watch(event: RunEvent): void;
  tell(news: SearchNews): void;
  close(): void;
}

/** The dress that suits the face; with `--json` the result alone goes to stdout. */
export function createSearchProgress(face: Face): SearchProgress {
  const run = createProgress({ ...face, json: false, quiet: face.quiet || face.json }, { usd: null });
  return {
    watch: (event) => {
      if (isShown(event)) run.show(event);
    },
    tell: (news) => {
      run.close();
      face.talk(newsText(news));
    },
    close: run.close,
  };
}

/** What a stretch says of itself is said in its line; caps of stretches are the search's own matter. */
function isShown(event: RunEvent): boolean {
  if (event.kind === "guard-tripped")
    return event.verdict.act !== "go-on" && event.verdict.guard !== "budget";
  return !["run-start", "checkpoint-saved", "run-end", "evaluation-end"].includes(event.kind);
}

/** A line about a stretch. */
export function newsText(news: SearchNews): string {
  switch (news.kind) {
    case "range-start": {
      const { steps, ends, usd, rate } = news;
      return `range test: ${steps} steps with the learning rate rising from ${ends.low} to ${ends.high}, at most ${searchWords.moneyText(usd, rate)}`;
    }
    case "range-end":
      return `  ${searchWords.rangeSentence(news.outcome)} ${searchWords.moneyText(news.outcome.microUsd, news.rate)}`;
    case "known":
      return `${news.runs} earlier ${news.runs === 1 ? "run is" : "runs are"} of this search already: taken from the record`;
    case "stretch-start": {
      const { trial, spentUsd, budgetUsd, rate } = news;
      const text = (money: typeof spentUsd): string => searchWords.moneyText(money, rate);
      const how = trial.again ? "goes on" : trial.from > 0 ? "is promoted" : "begins";
      return `${text(spentUsd)} of ${text(budgetUsd)} · trial ${trial.id} ${how}, to ${searchWords.shareText(trial.to)} of its steps: ${plain(searchWords.pointText(trial.point))}`;
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
