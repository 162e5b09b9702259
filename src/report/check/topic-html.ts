/** @file Renders a topic as a card: findings by split, meaning, sample rows, and fix. */
import { placeText } from "../../problem/index.ts";
import { html, type Markup } from "../markup.ts";
import { meaningOf } from "./meaning.ts";
import { showCommand } from "./next-step.ts";
import { evidenceItem } from "./pair-html.ts";
import type { ShortNames } from "./short-names.ts";
import type { DataCheck, Subject, Topic, TopicLine } from "./topics.ts";

/** Rows of a subject that are visible, and rows behind a click; a command lists all. */
const rowsInSight = 3;
const rowsShown = 12;
/** Number of visible subjects. */
const kindsInSight = 10;

/** The card of a topic. */
export function topicCard(topic: Topic, check: DataCheck, names: ShortNames): Markup {
  const { code, severity, title, subjects, rows } = topic;
  const meaning = meaningOf(code);
  const [only] = subjects;
  const body =
    subjects.length === 1 && only !== undefined
      ? subjectBody(only, check, names)
      : kinds(subjects, rows, check, names);
  const hasRows = subjects.some(({ lines }) => lines.some(({ evidence }) => evidence.length > 0));
  const all = hasRows ? html` All rows: <code>${showCommand(check, code)}</code>` : null;
  return html`<article class="card below finding">
<h3><span class="mark ${severity}">${severity}</span>${title}</h3>
${meaning === null ? null : html`<p class="quiet">${meaning}</p>`}
${body}
<p class="after"><code>${code}</code>${all}</p>
</article>`;
}

function kinds(subjects: readonly Subject[], rows: number, check: DataCheck, names: ShortNames): Markup {
  const shown = subjects.map((subject, at) => kind(subject, at === 0, check, names));
  const left = shown.length - kindsInSight;
  const rest = html`<details><summary>${countText(left, "kind")} more</summary>${shown.slice(kindsInSight)}</details>`;
  return html`<p>${subjects.length} kinds in ${countText(rows, "row")}:</p>
${shown.slice(0, kindsInSight)}${left > 0 ? rest : null}`;
}

/** One of several subjects: its sentence, with details collapsed except for the first. */
function kind(subject: Subject, isOpen: boolean, check: DataCheck, names: ShortNames): Markup {
  const { severity, summary, lines } = subject;
  const sentence = summary ?? lines.map((line) => lineText(line, names)).join(" · ");
  return html`<details${isOpen ? html` open` : null}>
<summary><span class="mark ${severity}">${severity}</span>${sentence}</summary>
${rowList(subject, check, names)}${fixLine(subject)}</details>`;
}

function subjectBody(subject: Subject, check: DataCheck, names: ShortNames): Markup {
  const sentences = subject.lines.map((line) => html`<p>${lineText(line, names)}.</p>`);
  return html`${sentences}${rowList(subject, check, names)}${fixLine(subject)}`;
}

/** The sentence, with locations only if nothing else shows them. */
function lineText({ sentence, finding, evidence }: TopicLine, names: ShortNames): string {
  const said = sentence.replace(/\.$/, "");
  if (evidence.length > 0 || finding.where.length === 0) return names(said);
  const places = finding.where.map(placeText).filter((place) => !said.includes(place));
  const left = finding.count - finding.where.length;
  const more = left > 0 ? [`${left} more`] : [];
  return names(places.length === 0 ? said : `${said} (${[...places, ...more].join(", ")})`);
}

/** Rows of the worst finding come first. */
function rowList({ lines }: Subject, check: DataCheck, names: ShortNames): Markup | null {
  const evidence = lines.flatMap((line) => line.evidence);
  if (evidence.length === 0) return null;
  const shown = evidence.slice(0, rowsShown).map((one) => evidenceItem(one, check, names));
  const hidden = shown.slice(rowsInSight);
  const rest = html`<details><summary>${hidden.length} more; ${numberText(evidence.length)} in all</summary>
<ul class="plain">${hidden}</ul></details>`;
  return html`<ul class="plain">${shown.slice(0, rowsInSight)}</ul>${hidden.length > 0 ? rest : null}`;
}

/** Uses the worst finding; the others state the same for other splits. */
function fixLine({ lines }: Subject): Markup | null {
  const fix = lines[0]?.finding.fix ?? "";
  return fix === "" ? null : html`<p class="after">Fix: ${fix}</p>`;
}

/** `1 row`, `2,000 rows`. */
export function countText(count: number, word: string): string {
  return `${numberText(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** `2,000`. */
export function numberText(count: number): string {
  return count.toLocaleString("en-US");
}
