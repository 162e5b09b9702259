/** @file The report of a replacement: may the tuned model take the place of the one whose answers were frozen? */
import { shellWord } from "@tunewise/core/format";
import { type Usd, usdText } from "@tunewise/core/quantity";
import { metricKinds, type NotWorse } from "../../evaluate/index.ts";
import type { MetricName } from "../../recipe/index.ts";
import {
  briefSection,
  type Document,
  note,
  rows,
  section,
  sections,
  sentence,
} from "../document/document.ts";
import { type Table, table } from "../document/table.ts";
import { instantText, percent, rowsText, signedPercent, wholeText } from "../figure-text.ts";
import { type Action, actionTones } from "../run/action.ts";

/** A metric's verdict. */
export interface JudgedMetric extends NotWorse {
  readonly metric: MetricName;
}

/** A tuned model against the frozen answers of the model that it is to replace. */
export interface Replacement {
  readonly run: string;
  readonly reference: {
    readonly path: string;
    readonly model: string;
    readonly createdAt: string;
    readonly sha256: string;
  };
  /** Largest accepted loss as a share. */
  readonly margin: number;
  /** Test rows: all, those compared, and those left out because training has seen them or no answer was frozen. */
  readonly rows: {
    readonly test: number;
    readonly compared: number;
    readonly seen: number;
    readonly missing: number;
  };
  /** The headline metric first. */
  readonly scores: readonly JudgedMetric[];
  /** Whether answers have the task's form: a label, JSON, readable calls; `null` if any text has. */
  readonly form: NotWorse | null;
  /** Share of rows with the same answer. */
  readonly agreement: number;
  /** What the run's result lost besides the task; `""` if nothing is known to be lost. */
  readonly lost: string;
  /** What a thousand of the frozen answers cost on average. */
  readonly usdPerThousand: Usd;
}

/** The verdict: that of the headline metric, unless the form of the answers is not shown to be as good. */
export function replacementVerdict({ scores: [headline], form }: Replacement): NotWorse["verdict"] {
  const verdicts = [headline?.verdict ?? "unclear", form?.verdict ?? "not-worse"];
  if (verdicts.includes("worse")) return "worse";
  return verdicts.includes("unclear") ? "unclear" : "not-worse";
}

const titles = { "not-worse": "Not worse", worse: "Worse", unclear: "Not shown" } as const;

/** The document. */
export function replacementReport(shown: Replacement): Document {
  const verdict = replacementVerdict(shown);
  const { reference, rows: counts, usdPerThousand } = shown;
  return {
    name: "compare",
    about: `run ${shown.run} against the answers of ${reference.model}, frozen ${instantText(reference.createdAt)} (${reference.path})`,
    verdict: {
      title: titles[verdict],
      sentence: verdictSentence(shown),
      tone: actionTones[replacementAction(shown).kind],
    },
    action: replacementAction(shown),
    tiles: [],
    sections: sections(
      briefSection("Verdicts", rows(verdictTable(shown))),
      section(
        "Compared",
        sentence(agreementText(shown)),
        sentence(rowsSentence(counts)),
        usdPerThousand > 0
          ? note(`A thousand of these answers of ${reference.model} cost ${usdText(usdPerThousand)}.`)
          : null,
      ),
    ),
    folded: [],
  };
}

/** The action: serve it under the old name, or what is missing for that. */
export function replacementAction(shown: Replacement): Action {
  const { run, reference, lost, scores, form } = shown;
  const verdict = replacementVerdict(shown);
  const points = `${percent(shown.margin)} points`;
  if (verdict === "worse")
    return {
      kind: "do-not-ship",
      title: "Do not ship it",
      sentence: `It does not replace ${reference.model}. Retrieval, examples in the prompt and other base models may: a try compares them.`,
      command: "tunewise try",
    };
  if (lost !== "")
    return {
      kind: "do-not-ship",
      title: "Do not ship it yet",
      sentence: `${verdict === "not-worse" ? "It is not worse on this task. " : ""}${lost}`,
      command: `tunewise runs show ${run}`,
    };
  if (verdict === "not-worse")
    return {
      kind: "ship",
      title: "Ship it",
      sentence: `It can take the place of ${reference.model} under its name. \`tunewise cost move ${run}\` says when that pays off.`,
      command: `tunewise model serve ${run} --alias ${shellWord(reference.model)}`,
    };
  const open = scores[0]?.verdict === "unclear" ? scores[0] : form;
  const more = open === null || open?.rowsNeeded == null ? 0 : open.rowsNeeded - open.rows;
  if (more > 0)
    return {
      kind: "collect-rows",
      title: `Collect ${wholeText(more)} more test rows`,
      sentence: `Freeze the answers of ${reference.model} to them while it answers, and score the run on them.`,
      command: `tunewise freeze ${shellWord(reference.model)}`,
    };
  return {
    kind: "try-first",
    title: "First narrow the gap",
    sentence: `More rows of this kind would hardly show that it loses at most ${points}: more training rows, another base model or other settings may.`,
    command: "tunewise try",
  };
}

function verdictSentence(shown: Replacement): string {
  const { scores, form, margin, reference } = shown;
  const [headline] = scores;
  if (headline === undefined) return "";
  const points = `${percent(margin)} points`;
  const { title } = metricKinds[headline.metric];
  const between = `${title} ${percent(headline.tuned)} % against ${percent(headline.old)} % of ${reference.model} in ${rowsText(headline.rows)}, ${gainText(headline)}`;
  const verdict = replacementVerdict(shown);
  if (verdict === "not-worse") return `It loses at most ${points}, if anything: ${between}.`;
  if (verdict === "worse") {
    const isForm = headline.verdict !== "worse" && form !== null;
    return `It loses more than ${points}${isForm ? " in the form of the answers" : ""}: ${between}.`;
  }
  const open = headline.verdict === "unclear" ? headline : form;
  return `These rows do not show that it loses at most ${points}: ${between}. ${powerText(open)}`;
}

function powerText(judged: NotWorse | null): string {
  if (judged === null || judged.power === null) return "";
  const needed =
    judged.rowsNeeded === null
      ? "More than 20,000 rows are needed for 80 %"
      : `${rowsText(judged.rowsNeeded)} would with 80 %`;
  return `If both are equally good, ${rowsText(judged.rows)} show it with a probability of ${percent(judged.power, 0)} %; ${needed}.`;
}

function gainText({ gain }: NotWorse): string {
  if (gain === null) return "no interval";
  return `95 % interval of the gain ${signedPercent(gain.low)} to ${signedPercent(gain.high)} points`;
}

function verdictTable({ scores, form, reference }: Replacement): Table {
  const lines = scores.map((one): readonly [string, NotWorse] => [metricKinds[one.metric].title, one]);
  if (form !== null) lines.push(["form of the answer", form]);
  return table(
    ["", `#${reference.model}`, "#this run", "#gain, 95 % interval", "verdict", "#rows needed"],
    lines.map(([title, judged]) => [
      title,
      `${percent(judged.old)} %`,
      `${percent(judged.tuned)} %`,
      judged.gain === null ? "" : `${signedPercent(judged.gain.low)} to ${signedPercent(judged.gain.high)}`,
      titles[judged.verdict].toLowerCase(),
      judged.verdict === "unclear" && judged.rowsNeeded !== null ? wholeText(judged.rowsNeeded) : "",
    ]),
  );
}

function agreementText({ agreement, scores: [headline], reference }: Replacement): string {
  const same = `Both models give the same answer in ${percent(agreement)} % of the rows`;
  if (headline === undefined || !metricKinds[headline.metric].isYesNo) return `${same}, right or wrong.`;
  return `${same}, right or wrong: agreement with ${reference.model} is not correctness.`;
}

function rowsSentence({ test, compared, seen, missing }: Replacement["rows"]): string {
  const left = [
    seen > 0 ? [`${seen} also occur in training`] : [],
    missing > 0 ? [`${missing} have no frozen answer`] : [],
  ].flat();
  const why = left.length === 0 ? "" : `; ${left.join(", ")}`;
  return `${compared} of ${rowsText(test)} of the test set are compared${why}.`;
}
