/** @file A document as one self-contained HTML file without scripts, which can be forwarded. */
import { createHash } from "node:crypto";
import type {
  Answer,
  Block,
  Document,
  Mark,
  Sample,
  Section,
  Sentence,
  Text,
  Tile,
  TokenSpan,
} from "./document.ts";
import { html, type Markup, type Piece, trusted } from "./markup.ts";
import { cut } from "./plain-text.ts";
import { reportStyle } from "./style.ts";
import { type Table, tableMarkup, table as tableOf } from "./table.ts";

const styleHash = createHash("sha256").update(reportStyle).digest("base64");

/** Content security policy that allows only the style sheet: no scripts, images, forms or addresses. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Maximum displayed characters of prompts and answers; the number of omitted ones is shown. */
const charactersMax = 1200;

/** Renders the document. No text of it becomes markup. */
export function documentHtml(document: Document): string {
  const { name, about, verdict, action, tiles } = document;
  const { sections, folded } = document;
  const parts = folded.map(
    (one) =>
      html`<details class="part"><summary><h2>${titleMarkup(one)}</h2></summary>${sectionBody(one)}</details>`,
  );
  return pageHtml(
    `${name}: ${verdict.title.toLowerCase()}`,
    html`<header>
<h1>${name}</h1>
<p>${inline(about)}</p>
<section class="card judgement ${verdict.tone}" aria-label="Judgement">
${action ? html`<h2 class="do">${action.title}</h2>` : null}
${action ? html`<p class="why">${unbroken(action.sentence)}</p>` : null}
${action ? html`<pre class="command">${action.command}</pre>` : null}
<strong>${verdict.title}</strong>
<p>${unbroken(verdict.sentence)}</p>
</section>
<div class="tiles">${tiles.map(tileMarkup)}</div>
</header>
${sections.map((one) => html`<section><h2>${titleMarkup(one)}</h2>${sectionBody(one)}</section>`)}
${folded.length > 0 ? html`<div class="parts">${parts}</div>` : null}`,
  );
}

function pageHtml(title: string, main: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<main>
${main}
<footer>Made by tunewise. This page runs no script and loads nothing.</footer>
</main>
</body>
</html>
`.markup;
}

/** Prevents line breaks before a percent sign. */
function unbroken(text: string): string {
  return text.replace(/ %/g, "\u00a0%");
}

function tileMarkup({ value, label, share }: Tile): Markup {
  return html`<div class="card tile"><b>${value}</b><span>${label}</span>${share == null ? null : bar(share)}</div>`;
}

/** Used fraction of a cap, at most 1. */
function bar(share: number): Markup {
  const percent = Math.round(1000 * Math.min(1, Math.max(0, share))) / 10;
  return html`<svg viewBox="0 0 100 6" preserveAspectRatio="none" role="img" aria-label="${percent} % of the cap">
<rect class="bar-back" width="100" height="6"/><rect class="bar" width="${percent}" height="6"/></svg>`;
}

/** Blocks share a card; samples have their own. */
function sectionBody({ blocks }: Section): Markup {
  const cards: Block[][] = [];
  for (const [at, block] of blocks.entries()) {
    const isOwn = block.kind === "samples" || at === 0 || blocks[at - 1]?.kind === "samples";
    if (isOwn) cards.push([block]);
    else cards.at(-1)?.push(block);
  }
  return html`${cards.map(cardMarkup)}`;
}

function cardMarkup(blocks: readonly Block[]): Markup {
  const style = blocks.some(({ kind }) => kind === "command") ? "card commands" : "card";
  const [first] = blocks;
  const content = blocks.map(blockMarkup);
  return first?.kind === "samples" ? html`${content}` : html`<div class="${style}">${content}</div>`;
}

function blockMarkup(block: Block): Markup {
  switch (block.kind) {
    case "sentence":
      return html`<p${block.isNote ? trusted(' class="after"') : null}>${sentenceMarkup(block)}</p>`;
    case "list": {
      const style = block.items.some(({ mark, quotes, source }) => mark ?? quotes ?? source)
        ? trusted(' class="plain"')
        : null;
      return html`<ul${style}>${block.items.map((item) => html`<li>${sentenceMarkup(item)}</li>`)}</ul>`;
    }
    case "table":
      return tableMarkup(block.table);
    case "matrix":
      return matrixMarkup(block.table);
    case "facts":
      return tableMarkup(
        tableOf(
          ["", ""],
          block.facts.map(({ name, value }) => [name, value]),
        ),
      );
    case "figure":
      return block.picture === null
        ? tableMarkup(block.table)
        : html`${block.picture}${block.table.rows.length > 0 ? folded(block.title, tableMarkup(block.table)) : null}`;
    case "command":
      return html`<p>${block.purpose}</p><pre>${block.command}</pre>`;
    case "heading":
      return html`<h3 class="apart">${block.title}</h3>`;
    case "details":
      return folded(titleMarkup(block), html`${block.blocks.map(blockMarkup)}`, block.isOpen);
    case "samples":
      return html`${block.title === "" ? null : html`<h3 class="below">${block.title}</h3>`}
${block.samples.some(hasDiff) ? html`<p class="quiet">${diffLegend}</p>` : null}${block.samples.map(sampleMarkup)}`;
    case "tokens":
      return html`<pre class="tokens">${block.tokens.map(tokenMarkup)}</pre>`;
  }
}

function tokenMarkup({ text, isTrained, isSpecial, isCut }: TokenSpan): Markup {
  const style = [isTrained ? "trained" : "", isSpecial ? "special" : "", isCut ? "gone" : ""]
    .join(" ")
    .trim();
  return html`<span class="${style}">${text}</span>`;
}

function folded(title: Piece, content: Markup, isOpen = false): Markup {
  return html`<details${isOpen ? trusted(" open") : null}><summary>${title}</summary>${content}</details>`;
}

function inline(text: Text): Markup {
  const parts = typeof text === "string" ? [text] : text;
  return html`${parts.map((part) => {
    if (typeof part === "string") return part;
    return "code" in part ? html`<code>${part.code}</code>` : html`<mark>${part.highlight}</mark>`;
  })}`;
}

function sentenceMarkup({ text, mark, below, quotes = [], source }: Sentence): Markup {
  const quoted = quotes.map((one) => html`<blockquote>${inline(one)}</blockquote>`);
  return html`${markMarkup(mark)}${inline(text)}${below ? html`<div class="fix">${inline(below)}</div>` : null}
${quoted}${source ? html`<pre>${inline(source)}</pre>` : null}`;
}

function titleMarkup({ title, mark }: Pick<Section, "title" | "mark">): Markup {
  return html`${markMarkup(mark)}${title}`;
}

function markMarkup(mark: Mark | undefined): Markup | null {
  return mark ? html`<span class="mark ${mark.kind}">${mark.word}</span>` : null;
}

/** Shades of a cell, by its share of the row. */
const shades = 5;

function matrixMarkup({ columns, rows }: Table): Markup {
  const head = columns.map(({ title }) => html`<th scope="col">${title}</th>`);
  const body = rows.map(([name = "", ...cells], row) => {
    const total = cells.reduce((sum, cell) => sum + Number(cell), 0);
    const marked = cells.map((cell, column) => {
      const shade = total === 0 ? 0 : Math.ceil((shades * Number(cell)) / total);
      return html`<td class="cell ${row === column ? "hit" : "miss"} shade-${shade}">${cell}</td>`;
    });
    return html`<tr><th scope="row">${name}</th>${marked}</tr>`;
  });
  return html`<div class="scroll"><table class="matrix">
<thead><tr>${head}</tr></thead>
<tbody>${body}</tbody>
</table></div>`;
}

const diffLegend =
  "Marks against the reference: struck out stands in the reference only, underlined in the answer only.";

function hasDiff({ answers }: Sample): boolean {
  return answers.some(({ parts }) => parts);
}

function sampleMarkup({ prompt, notes, answers }: Sample): Markup {
  return html`<article class="card sample">
<div class="prompt"><h3>prompt</h3><pre>${cut(prompt, charactersMax)}</pre>
${notes.map((one) => html`<p class="after">${inline(one)}</p>`)}</div>
<div class="answers">${answers.map(answerMarkup)}</div>
</article>`;
}

function answerMarkup({ name, mark, text, parts }: Answer): Markup {
  const shown = text === "" ? html`<span class="quiet">(empty)</span>` : cut(text, charactersMax);
  const marked = parts?.map((part) => {
    if (part.kind === "same") return part.text;
    return part.kind === "missing" ? html`<del>${part.text}</del>` : html`<ins>${part.text}</ins>`;
  });
  return html`<div><h3>${name}${markMarkup(mark)}</h3><pre>${marked ?? shown}</pre></div>`;
}
