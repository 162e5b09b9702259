/** @file The report of a try: verdict first, then the arms, then the evidence. */
import { seconds, secondsText, type Usd, usdText } from "@tunewise/core/quantity";
import { frontierChart } from "../charts/frontier-chart.ts";
import {
  type Block,
  briefSection,
  code,
  type Document,
  figure,
  list,
  note,
  rows,
  type Section,
  section,
  sections,
  sentence,
  type Tile,
} from "../document/document.ts";
import { cut } from "../document/plain-text.ts";
import { table } from "../document/table.ts";
import { instantText, wholeText } from "../figure-text.ts";
import { actionTones } from "../run/action.ts";
import { armCosts } from "./costs.ts";
import { tryActionOf } from "./try-action.ts";
import type { TryDocument } from "./try-document.ts";
import * as words from "./try-words.ts";

/** The report as a document. */
export function tryReport(document: TryDocument): Document {
  const { decision, name, run, model, created } = document;
  const action = tryActionOf(document);
  const when = `, ${instantText(created)}, on ${wholeText(document.test_rows)} test rows`;
  return {
    name,
    about: ["Try ", code(run), " of ", code(model), when],
    verdict: {
      title: words.verdictTitle(decision).title,
      sentence: decision.why,
      tone: actionTones[action.kind],
    },
    action,
    tiles: tiles(document),
    sections: [
      ...tryEvidence(document),
      ...sections(
        section("Where they differ", ...document.split.map(splitBlock)),
        section("Findings", list(document.findings.map(({ code: found, detail }) => `${found}: ${detail}`))),
        section("What it took", list(document.arms.map(words.tookText)), note(words.tookAll(document))),
      ),
    ],
    folded: [],
  };
}

/** The evidence of the decision: sections of sentences and tables. */
export function tryEvidence(document: TryDocument): Section[] {
  const { decision } = document;
  const contradictions = document.findings.filter(({ code: found }) => found === "SCORE_CONTRADICTS");
  return sections(
    briefSection(
      "Invalid",
      list([...words.invalidSentences(document), ...contradictions.map(({ detail }) => detail)]),
    ),
    briefSection(
      "What was compared",
      figure(frontierChart(document), "", table([], [])),
      rows(words.armTable(document)),
      note(words.frontierNote(document)),
    ),
    section(
      armCosts(document).unit === "time" ? "Waiting for an answer" : "Prices and latency",
      rows(words.priceTable(document)),
    ),
    section("Upkeep", rows(words.upkeepTable(document))),
    briefSection("What would settle it", list(decision.wouldDecide)),
    briefSection("What led to this", list(words.ruleSentences(document))),
    briefSection("Against each other", rows(words.comparisonTable(document))),
    briefSection(
      "When training pays",
      rows(words.breakEvenTable(document)),
      list(words.flipSentences(document)),
    ),
    briefSection(
      "Verdicts of the judge",
      rows(words.judgeTable(document)),
      list(words.judgeSentences(document)),
    ),
    briefSection("More training rows", rows(words.curveTable(document)), note(words.curveSentence(document))),
    briefSection("Two common claims, checked here", list(document.claims.map(({ says }) => says))),
    section("How examples and passages were chosen", rows(words.sweepTable(document))),
    briefSection("Basis of the decision", sentence(words.sealSentence(document)), sentence(document.wish)),
  );
}

function tiles(document: TryDocument): Tile[] {
  const { decision, took, metric } = document;
  const [best] = [...decision.table].sort((a, b) => b.quality - a.quality);
  const chosen = decision.table.find(({ name }) => name === decision.arm) ?? best;
  return [
    {
      value: chosen ? words.percentText(chosen.quality) : "-",
      label: `${metric}, ${chosen?.name ?? "no arm"}`,
    },
    { value: String(document.arms.length), label: "ways compared on the same rows" },
    { value: secondsText(seconds(took.seconds)), label: "to try them" },
    { value: usdText(took.micro_usd as Usd), label: "spent on it" },
  ];
}

/** Maximum length of displayed questions and answers. */
const maxShown = 600;

function splitBlock({ question, reference, answers }: TryDocument["split"][number]): Block {
  const facts = [["reference", reference], ...Object.entries(answers)].map(([name = "", text = ""]) => ({
    name,
    value: cut(text, maxShown),
  }));
  return {
    kind: "details",
    title: cut(question, maxShown),
    blocks: [{ kind: "facts", facts }],
    isOpen: false,
  };
}
