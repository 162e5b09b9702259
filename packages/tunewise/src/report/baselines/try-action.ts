/** @file Recommends one action for the decision of a try, with its cost. */
import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { wholeText } from "../figure-text.ts";
import type { Action } from "../run/action.ts";
import { armCosts, costText } from "./costs.ts";
import type { TryDocument } from "./try-document.ts";

/** Returns the action for a try. Its command does not name a recipe; it refers to the recipe of the try. */
export function tryActionOf(document: TryDocument): Action {
  const { decision } = document;
  if (decision.isInvalid) return separateRows(document);
  switch (decision.verdict) {
    case "tune":
      return shipTuned(document);
    case "do-not-tune":
      return {
        kind: "do-not-ship",
        title: "Do not ship a fine-tuned model",
        sentence: `Use ${decision.arm ?? "the cheaper arm"}. ${answersCost(document, decision.arm)}`.trim(),
        command: `tunewise runs show ${document.run}`,
      };
    case "fix-retrieval-first":
      return tryFirst("First fix retrieval", openQuestion(document), document);
    default:
      return collectRows(document) ?? tryFirst("First settle what is open", openQuestion(document), document);
  }
}

function separateRows(document: TryDocument): Action {
  const isInDocuments = document.findings.some(({ code }) => code === "ARM_CORPUS_LEAK");
  const title = `First separate test rows from ${isInDocuments ? "the documents" : "training rows"}`;
  const again = tryFirst(title, "Then try again.", document);
  return isInDocuments ? again : { ...again, command: "tunewise check --fix" };
}

function shipTuned(document: TryDocument): Action {
  const { arm } = document.decision;
  const tuned = document.arms.find(({ line, model: who }) => (arm === null ? who === "tuned" : line === arm));
  if (!tuned?.run) return tryFirst("First train it", "It is worth training.", document, "tunewise run");
  if (tuned.forgot === true)
    return {
      kind: "do-not-ship",
      title: "Do not ship it yet",
      sentence:
        "It is worth what its training cost on this task, but it lost other skills. Train again with `regularization` in the recipe.",
      command: `tunewise runs show ${tuned.run}`,
    };
  return {
    kind: "ship",
    title: "Ship it",
    sentence: `It is worth what its training cost. ${answersCost(document, tuned.line)}`.trim(),
    command: `tunewise model serve ${tuned.run}`,
  };
}

/** Recommends the rows that would settle the question; `null` if no sufficient number is known. */
function collectRows(document: TryDocument): Action | null {
  const { rows } = document.decision;
  if (rows === null) return null;
  const isTraining = rows.kind === "train";
  const more = rows.atLeast - (isTraining ? document.training_rows : document.test_rows);
  if (more <= 0) return null;
  return {
    kind: "collect-rows",
    title: `Collect ${wholeText(more)} more ${isTraining ? "training" : "test"} rows`,
    sentence: `About ${wholeText(rows.atLeast)} would settle it. ${costOfTry(document)}`,
    command: "tunewise try",
  };
}

function tryFirst(title: string, why: string, document: TryDocument, command = "tunewise try"): Action {
  return { kind: "try-first", title, sentence: `${why} ${costOfTry(document)}`, command };
}

function openQuestion({ decision }: TryDocument): string {
  const [first = decision.why] = decision.wouldDecide;
  const text = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** `1,000 answers cost $0.02.`, or the time they take if nothing has a price. */
function answersCost(document: TryDocument, arm: string | null): string {
  const { unit, of } = armCosts(document);
  const cost = arm === null ? undefined : of.get(arm);
  if (cost === undefined) return "";
  return `1,000 answers ${unit === "time" ? "take" : "cost"} ${costText(cost.perThousand, unit)}.`;
}

function costOfTry({ took }: TryDocument): string {
  const time = `Another try takes about ${secondsText(seconds(took.seconds))}`;
  return took.micro_usd > 0 ? `${time} and ${usdText(took.micro_usd as Usd)}.` : `${time}.`;
}
