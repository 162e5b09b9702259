/** @file Renders a check as one self-contained page: blocking findings, their meaning, affected rows, and fixes. */

import { basename } from "node:path";
import { type Evidence, leakageText } from "@tunewise/datacheck";
import { type Place, placeText } from "../../problem/index.ts";
import { html, type Markup, type Piece } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { table, tableMarkup } from "../table.ts";
import { type DiffPart, diffWords } from "../word-diff.ts";
import { meaningOf } from "./meaning.ts";
import { nextStep, showCommand } from "./next-step.ts";
import {
  type DataCheck,
  type Excerpt,
  type Subject,
  type Topic,
  type TopicLine,
  topicsOf,
} from "./topics.ts";
import { trainedTurnsText } from "./trained-turns.ts";

/** Renders the page. No text of a row becomes markup. */
export function checkHtml(check: DataCheck): string {
  const topics = topicsOf(check);
  const names = shortNamesOf(check);
  const cards = (chosen: readonly Topic[]): Markup[] => chosen.map((topic) => topicCard(topic, check, names));
  const notes = topics.filter(({ severity }) => severity === "note");
  const nothing = html`<div class="card"><p>No findings.</p></div>`;
  const asides = html`<details><summary>${countText(notes.length, "note")}, none of which stands in the way</summary>
${cards(notes)}</details>`;
  const turns = trainedTurnsText(check);
  const sections = html`<section>
<h2>Findings, worst first</h2>
${topics.length === 0 ? nothing : cards(topics.filter(({ severity }) => severity !== "note"))}
${notes.length === 0 ? null : asides}
</section>
<section>
<h2>Rows and tokens</h2>
<div class="card">${rowTable(check)}
${turns === "" ? null : html`<p class="after">${turns}</p>`}</div>
</section>`;
  const foot = html` Data fingerprint <code>${check.dataFingerprint.slice(0, 16)}</code>.`;
  const about = html`check of the data, model ${check.model}`;
  return pageHtml(
    { name: check.name, about, judgement: judge(check, topics), tiles: head(check, topics) },
    sections,
    foot,
  );
}

function judge(
  { memory }: DataCheck,
  topics: readonly Topic[],
): { title: string; sentence: string; tone: string } {
  const errors = topics.filter(({ severity }) => severity === "error");
  const warnings = topics.filter(({ severity }) => severity === "warning");
  const worst = errors.length > 0 ? errors : warnings;
  const named = worst
    .slice(0, 3)
    .map(({ title, rows }) => `${title.toLowerCase()} (${countText(rows, "row")})`);
  const left = worst.length - named.length;
  const list = [...named, ...(left > 0 ? [`${left} more`] : [])].join(", ");
  const seen = memory && memory.rows > 0 ? `Leakage: ${leakageText(memory)}.` : "";
  if (errors.length > 0)
    return { title: "The data block a run", sentence: `To fix: ${list}. ${seen}`, tone: "bad" };
  if (warnings.length > 0) {
    return { title: "A run can start, with warnings", sentence: seen || `To review: ${list}.`, tone: "open" };
  }
  return { title: "Nothing stands in the way", sentence: `No error and no warning. ${seen}`, tone: "good" };
}

/** Summary figures, and the next command. */
function head(check: DataCheck, topics: readonly Topic[]): Markup {
  const { splits, memory } = check;
  const count = (wanted: string): number => topics.filter(({ severity }) => severity === wanted).length;
  const rows = splits.map(({ statistics }) => numberText(statistics.rows));
  const { command, does } = nextStep(check);
  return html`<div class="tiles">
${memory ? tile(percent(memory.rows, memory.of), "of the test rows seen in training") : null}
${tile(`${count("error")} / ${count("warning")}`, "kinds of errors / warnings")}
${tile(rows[0] ?? "0", "training rows")}
${
  splits.length > 1
    ? tile(
        rows.slice(1).join(" / "),
        `${splits
          .slice(1)
          .map(({ name }) => name)
          .join(" / ")} rows`,
      )
    : null
}
</div>
<div class="card commands below"><p>Next: ${does}</p><pre>${command}</pre></div>`;
}

function tile(figure: string, name: string): Markup {
  return html`<div class="card tile"><b>${figure}</b><span>${name}</span></div>`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)} %`;
}

function rowTable({ splits }: DataCheck): Markup {
  const titles = ["", "#rows", "#tokens", "#with loss", "#median", "#longest", "#cut", "#left out"];
  return tableMarkup(
    table(
      titles,
      splits.map(({ name, statistics }) => [
        ...[name, String(statistics.rows), String(statistics.tokens), String(statistics.labelledTokens)],
        ...[String(statistics.total.p50), String(statistics.total.max)],
        ...[String(statistics.truncated), String(statistics.dropped + statistics.unusable)],
      ]),
    ),
  );
}

/**
 * Rows of a subject that are visible, and rows in total including those behind a click; a command lists all of them.
 */
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
  const shown = sentence.replace(/\.$/, "");
  if (evidence.length > 0 || finding.where.length === 0) return names(shown);
  const places = finding.where.map(placeText).filter((place) => !shown.includes(place));
  const left = finding.count - finding.where.length;
  const more = left > 0 ? [`${left} more`] : [];
  return names(places.length === 0 ? shown : `${shown} (${[...places, ...more].join(", ")})`);
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

/** `1 row`, `2,000 rows` */
export function countText(count: number, word: string): string {
  return `${numberText(count)} ${word}${count === 1 ? "" : "s"}`;
}

/** `2,000` */
export function numberText(count: number): string {
  return count.toLocaleString("en-US");
}

/** Maximum compared characters of a prompt. Of a common span, only the ends are shown. */
const maxCompared = 3000;
const maxStretch = 140;
/** Maximum characters of an answer next to its prompt, and of a short answer. */
const maxAnswer = 100;
const maxLabel = 60;
/** Context lines around the affected line of code. */
const around = 2;
const maxLine = 200;

/** A row of a finding: reason and content. */
export function evidenceItem(
  { place, reason, other, answerLine }: Evidence,
  check: DataCheck,
  names: ShortNames,
): Markup {
  const head = html`<p><code>${names(placeText(place))}</code> ${names(reason)}</p>`;
  const row = check.excerpt(place, maxCompared);
  if (row === null) return html`<li>${head}</li>`;
  const code = answerLine === undefined ? null : codeLines(row, answerLine);
  if (code !== null) return html`<li>${head}${code}</li>`;
  const twin = other === undefined ? null : check.excerpt(other, maxCompared);
  if (other === undefined || twin === null) {
    return html`<li>${head}${rowLine(place, names, short(row.prompt, maxStretch), row.answer, false)}</li>`;
  }
  const parts = diffWords(row.prompt, twin.prompt);
  const [one, two] =
    parts === null
      ? [short(row.prompt, 2 * maxStretch), short(twin.prompt, 2 * maxStretch)]
      : [side(parts, "missing"), side(parts, "added")];
  const differs = row.answer !== twin.answer && Math.max(row.answer.length, twin.answer.length) <= maxLabel;
  return html`<li>${head}${rowLine(place, names, one, row.answer, differs)}
${rowLine(other, names, two, twin.answer, differs)}</li>`;
}

function rowLine(place: Place, names: ShortNames, prompt: Piece, answer: string, marked: boolean): Markup {
  const shown = short(answer, maxAnswer);
  return html`<blockquote><span class="quiet">${names(placeText(place))}</span> ${prompt}
<span class="quiet">→</span> ${marked ? html`<mark>${shown}</mark>` : shown}</blockquote>`;
}

/** One row of a pair, with its own words marked. */
function side(parts: readonly DiffPart[], own: DiffPart["kind"]): Piece[] {
  return parts
    .filter(({ kind }) => kind === "same" || kind === own)
    .map(({ kind, text }) => {
      const shown = short(text, maxStretch);
      return kind === "same" || text.trim() === "" ? shown : html`<mark>${shown}</mark>`;
    });
}

/** Start and end of a long text. */
function short(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor(most / 2);
  return `${text.slice(0, half).trimEnd()} … ${text.slice(-half).trimStart()}`;
}

function codeLines({ answerLines }: Excerpt, line: number): Markup | null {
  if (answerLines === null || line > answerLines.length) return null;
  const from = Math.max(1, line - around);
  const shown = answerLines.slice(from - 1, line + around).map((text, at) => {
    const number = from + at;
    const cut = text.length > maxLine ? `${text.slice(0, maxLine)}…` : text;
    const numbered = `${String(number).padStart(4)}  ${cut}`;
    return html`${number === line ? html`<mark>${numbered}</mark>` : numbered}${"\n"}`;
  });
  return html`<pre>${shown}</pre>`;
}

/** Shortens file names in a text. */
export type ShortNames = (text: string) => string;

/** The last part of each path, unless two files share it. */
export function shortNamesOf({
  findings,
  observations,
}: Pick<DataCheck, "findings" | "observations">): ShortNames {
  const places = [
    ...findings.flatMap(({ where }) => where),
    ...observations.flatMap(({ evidence }) =>
      evidence.flatMap(({ place, other }): Place[] => (other === undefined ? [place] : [place, other])),
    ),
  ];
  const files = [...new Set(places.map(({ file }) => file))];
  const taken = new Map<string, number>();
  for (const file of files) taken.set(basename(file), (taken.get(basename(file)) ?? 0) + 1);
  const known = files
    .filter((file) => file !== basename(file) && taken.get(basename(file)) === 1)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, file) => shown.replaceAll(file, () => basename(file)), text);
}
