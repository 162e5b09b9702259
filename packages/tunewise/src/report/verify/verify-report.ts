/** @file The report of `tunewise model verify`: the verdict, and each difference with its first position. */
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

/** The outcome of a verification as it is shown. */
export interface ShownVerification {
  readonly source: string;
  readonly against: "run" | "export";
  readonly export: string;
  readonly runtime: string;
  readonly conversations: { readonly count: number; readonly testRows: number; readonly refused: number };
  readonly untested: readonly string[];
  readonly differences: readonly {
    readonly kind: string;
    readonly summary: string;
    readonly cause: string;
    readonly fix: string;
    readonly count: number;
    readonly of: number;
    readonly first: {
      readonly number: number | null;
      readonly byte: number | null;
      readonly token: number | null;
      readonly expected: string;
      readonly found: string;
    } | null;
  }[];
  readonly distance: { readonly single: number | null; readonly whole: number | null };
  readonly sameAnswers: { readonly count: number; readonly nearTies: number; readonly of: number } | null;
}

/** The document. */
export function verifyReport(shown: ShownVerification): Document {
  const { differences, conversations, untested } = shown;
  const isSame = differences.length === 0;
  const kinds = differences.map(({ kind }) => kind).join(", ");
  return {
    name: "verify",
    about: `${shown.export} in ${shown.runtime}, compared with ${referenceText(shown)}`,
    verdict: {
      title: isSame ? "No difference" : `Differences: ${kinds}`,
      sentence: `${conversations.count} conversations, ${conversations.testRows} of them test rows. ${answersText(shown)}`,
      tone: isSame ? "good" : "bad",
    },
    action: null,
    tiles: [],
    sections: sections(
      briefSection("Differences", rows(differenceTable(differences))),
      briefSection(
        "Causes and fixes",
        ...differences.map(({ kind, cause, fix }) => sentence(`${kind}: ${cause}. Fix: ${fix}.`)),
      ),
      section(
        "Compared",
        sentence(distanceText(shown)),
        untested.length > 0
          ? sentence(`Not compared, because the runtime does not show it: ${untested.join(", ")}.`)
          : null,
        conversations.refused > 0
          ? note(
              `${conversations.refused} built-in conversations do not fit this model's template or context.`,
            )
          : null,
      ),
    ),
    folded: [],
  };
}

function differenceTable(differences: ShownVerification["differences"]): Table {
  return table(
    ["kind", "difference", "#affected", "first", "expected", "found"],
    differences.map(({ kind, summary, count, of, first }) => [
      kind,
      summary,
      `${count} of ${of}`,
      positionText(first),
      first ? JSON.stringify(first.expected) : "",
      first ? JSON.stringify(first.found) : "",
    ]),
  );
}

function referenceText({ against, source }: ShownVerification): string {
  return against === "run" ? `run ${source}` : "the same export as tunewise reads it";
}

function answersText({ sameAnswers }: ShownVerification): string {
  if (sameAnswers === null) return "";
  const { count, nearTies, of } = sameAnswers;
  const ties =
    nearTies === 0
      ? ""
      : ` ${nearTies} more: where it first differs, two tokens are nearly equally likely, which is no fault.`;
  return `${count} of ${of} greedy answers to the same prompts are identical.${ties}`;
}

function distanceText({ distance: { single, whole } }: ShownVerification): string {
  const parts = [
    whole === null ? [] : [`${whole.toPrecision(2)} nats apart after prompts`],
    single === null ? [] : [`${single.toPrecision(2)} after single tokens`],
  ].flat();
  if (parts.length === 0) return "";
  return `Log probabilities of our greedy answers: ${parts.join(", ")} (root mean square).`;
}

function positionText(first: ShownVerification["differences"][number]["first"]): string {
  if (first === null) return "";
  const { number, byte, token } = first;
  const places = [
    number === null ? [] : [`no. ${number}`],
    byte === null ? [] : [`byte ${byte}`],
    token === null ? [] : [`token ${token}`],
  ];
  return places.flat().join(", ");
}
