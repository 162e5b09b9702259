/** @file Renders a row, a pair of similar rows with marked differences, or the affected lines of code. */
import type { Evidence } from "../../inspect/index.ts";
import { type Place, placeText } from "../../problem/index.ts";
import { html, type Markup, type Piece } from "../markup.ts";
import { type DiffPart, diffWords } from "../word-diff.ts";
import type { Excerpt } from "./excerpt.ts";
import type { ShortNames } from "./short-names.ts";
import type { DataCheck } from "./topics.ts";

/** Maximum compared characters of a prompt; of a common span only the ends are shown. */
const comparedMost = 3000;
const stretchMost = 140;
/** Maximum characters of an answer beside its prompt, and of a short answer. */
const answerMost = 100;
const labelMost = 60;
/** Context lines around the affected line of code. */
const around = 2;
const lineMost = 200;

/** A row of a finding: reason and content. */
export function evidenceItem(
  { place, reason, other, answerLine }: Evidence,
  check: DataCheck,
  names: ShortNames,
): Markup {
  const head = html`<p><code>${names(placeText(place))}</code> ${names(reason)}</p>`;
  const row = check.excerpt(place, comparedMost);
  if (row === null) return html`<li>${head}</li>`;
  const code = answerLine === undefined ? null : codeLines(row, answerLine);
  if (code !== null) return html`<li>${head}${code}</li>`;
  const twin = other === undefined ? null : check.excerpt(other, comparedMost);
  if (other === undefined || twin === null) {
    return html`<li>${head}${rowLine(place, names, short(row.prompt, stretchMost), row.answer, false)}</li>`;
  }
  const parts = diffWords(row.prompt, twin.prompt);
  const [one, two] =
    parts === null
      ? [short(row.prompt, 2 * stretchMost), short(twin.prompt, 2 * stretchMost)]
      : [side(parts, "missing"), side(parts, "added")];
  const differs = row.answer !== twin.answer && Math.max(row.answer.length, twin.answer.length) <= labelMost;
  return html`<li>${head}${rowLine(place, names, one, row.answer, differs)}
${rowLine(other, names, two, twin.answer, differs)}</li>`;
}

function rowLine(place: Place, names: ShortNames, prompt: Piece, answer: string, marked: boolean): Markup {
  const said = short(answer, answerMost);
  return html`<blockquote><span class="quiet">${names(placeText(place))}</span> ${prompt}
<span class="quiet">→</span> ${marked ? html`<mark>${said}</mark>` : said}</blockquote>`;
}

/** One row of a pair, with its own words marked. */
function side(parts: readonly DiffPart[], own: DiffPart["kind"]): Piece[] {
  return parts
    .filter(({ kind }) => kind === "same" || kind === own)
    .map(({ kind, text }) => {
      const shown = short(text, stretchMost);
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
    const cut = text.length > lineMost ? `${text.slice(0, lineMost)}…` : text;
    const numbered = `${String(number).padStart(4)}  ${cut}`;
    return html`${number === line ? html`<mark>${numbered}</mark>` : numbered}${"\n"}`;
  });
  return html`<pre>${shown}</pre>`;
}
