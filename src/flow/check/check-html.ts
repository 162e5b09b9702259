/**
 * @file A check as one page that can be forwarded: what stands in the way, why, in which rows, and what to do.
 */
import type { Evidence } from "../../inspect/index.ts";
import { type Finding, type Place, placeText } from "../../problem/index.ts";
import { tableMarkup } from "../report/html-table.ts";
import { html, type Markup } from "../report/markup.ts";
import { pageHtml } from "../report/page.ts";
import { table } from "../report/table.ts";
import type { DataCheck } from "./check-data.ts";

/** Rows of a finding that the page shows; all of them are a command away. */
const rowsShown = 8;

/** The page; no text of a row is markup. */
export function checkHtml(check: DataCheck): string {
  const nothing = html`<div class="card"><p>No check had anything to say.</p></div>`;
  const sections = html`<section>
<h2>Findings</h2>
${check.findings.length === 0 ? nothing : check.findings.map((finding) => findingCard(finding, check))}
</section>
<section>
<h2>Rows and tokens</h2>
<div class="card">${rowTable(check)}</div>
</section>`;
  const foot = html` Data fingerprint <code>${check.dataFingerprint.slice(0, 16)}</code>.`;
  const about = html`check of the data, model ${check.model}`;
  return pageHtml({ name: check.name, about, judgement: judge(check), tiles: tiles(check) }, sections, foot);
}

function judge({ findings, memory }: DataCheck): { title: string; sentence: string; tone: string } {
  const errors = findings.filter(({ severity }) => severity === "error");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  const seen =
    memory && memory.rows > 0
      ? ` Training has seen ${percent(memory.rows, memory.of)} of the test rows in one form or another: ` +
        "the score on them may be memory."
      : "";
  const [worst] = errors.length > 0 ? errors : warnings;
  if (worst === undefined) {
    return { title: "Nothing stands in the way", sentence: `No error and no warning.${seen}`, tone: "good" };
  }
  const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
  if (errors.length > 0) {
    const title = "The data stop a run";
    return {
      title,
      sentence: `${counted(errors.length, "error")}, first: ${worst.detail}.${seen}`,
      tone: "bad",
    };
  }
  const title = "A run may go on, with doubts";
  return {
    title,
    sentence: `${counted(warnings.length, "warning")}, first: ${worst.detail}.${seen}`,
    tone: "open",
  };
}

function tiles({ splits, findings, memory }: DataCheck): Markup {
  const rows = splits.map(({ name, statistics }) => tile(String(statistics.rows), `${name} rows`));
  const count = (severity: string): number => findings.filter((one) => one.severity === severity).length;
  return html`<div class="tiles">
${rows}
${tile(`${count("error")} / ${count("warning")}`, "errors / warnings")}
${memory ? tile(percent(memory.rows, memory.of), "of the test rows seen in training") : null}
</div>`;
}

function tile(figure: string, name: string): Markup {
  return html`<div class="card tile"><b>${figure}</b><span>${name}</span></div>`;
}

function percent(part: number, whole: number): string {
  return `${((100 * part) / whole).toFixed(1)}\u00a0%`;
}

function findingCard(finding: Finding, check: DataCheck): Markup {
  const evidence = check.observations.find((one) => one.finding === finding)?.evidence ?? [];
  const shown = evidence.slice(0, rowsShown).map((one) => evidenceRow(one, check));
  const left = evidence.length - shown.length;
  const more = html`<p class="after">and ${left} more: <code>tunewise check --show ${finding.code}</code></p>`;
  const places =
    evidence.length === 0 && finding.where.length > 0 ? finding.where.map(placeText).join(", ") : null;
  return html`<article class="card below finding">
<h3><span class="mark ${finding.severity}">${finding.severity}</span>${finding.title}</h3>
<p>${finding.detail}.</p>
${places === null ? null : html`<p class="quiet">${places}</p>`}
${shown.length > 0 ? html`<ul class="plain">${shown}</ul>` : null}
${left > 0 ? more : null}
<p class="after"><code>${finding.code}</code>${finding.fix === "" ? null : ` fix: ${finding.fix}`}</p>
</article>`;
}

function evidenceRow({ place, reason, other }: Evidence, check: DataCheck): Markup {
  return html`<li><code>${placeText(place)}</code> ${reason}
${rowText(place, check)}${other === undefined ? null : rowText(other, check)}</li>`;
}

function rowText(place: Place, { excerpt }: DataCheck): Markup | null {
  const text = excerpt(place);
  if (text === null) return null;
  return html`<blockquote><span class="quiet">${placeText(place)}</span> ${text.prompt}
<span class="quiet">→</span> ${text.answer}</blockquote>`;
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
