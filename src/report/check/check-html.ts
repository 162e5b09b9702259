/** @file Renders a check as one self-contained page: blocking findings, their meaning, affected rows, and fixes. */
import { tableMarkup } from "../html-table.ts";
import { html, type Markup } from "../markup.ts";
import { pageHtml } from "../page.ts";
import { table } from "../table.ts";
import { nextStep } from "./next-step.ts";
import { shortNamesOf } from "./short-names.ts";
import { countText, numberText, topicCard } from "./topic-html.ts";
import { type DataCheck, type Topic, topicsOf } from "./topics.ts";

/** Renders the page. No text of a row becomes markup. */
export function checkHtml(check: DataCheck): string {
  const topics = topicsOf(check);
  const names = shortNamesOf(check);
  const cards = (chosen: readonly Topic[]): Markup[] => chosen.map((topic) => topicCard(topic, check, names));
  const notes = topics.filter(({ severity }) => severity === "note");
  const nothing = html`<div class="card"><p>No check had anything to say.</p></div>`;
  const asides = html`<details><summary>${countText(notes.length, "note")}, none of which stands in the way</summary>
${cards(notes)}</details>`;
  const sections = html`<section>
<h2>Findings, worst first</h2>
${topics.length === 0 ? nothing : cards(topics.filter(({ severity }) => severity !== "note"))}
${notes.length === 0 ? null : asides}
</section>
<section>
<h2>Rows and tokens</h2>
<div class="card">${rowTable(check)}</div>
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
  const seen =
    memory && memory.rows > 0
      ? `Training has seen ${numberText(memory.rows)} of ${countText(memory.of, "test row")} ` +
        `(${percent(memory.rows, memory.of)}) ` +
        "in one form or another: the score on them may be memory."
      : "";
  if (errors.length > 0)
    return { title: "The data stop a run", sentence: `To mend: ${list}. ${seen}`, tone: "bad" };
  if (warnings.length > 0) {
    return { title: "A run may go on, with doubts", sentence: seen || `To look at: ${list}.`, tone: "open" };
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
