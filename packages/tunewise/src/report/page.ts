/** @file Frame of an HTML page: one self-contained file without scripts, which can be forwarded. */
import { createHash } from "node:crypto";
import { html, type Markup, trusted } from "./markup.ts";
import { reportStyle } from "./style.ts";

const styleHash = createHash("sha256").update(reportStyle).digest("base64");

/** Content security policy that allows only the style sheet: no scripts, images, forms or addresses. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Head of a page. */
export interface PageHead {
  readonly name: string;
  /** Line below the title. */
  readonly about: Markup;
  readonly judgement: { readonly title: string; readonly sentence: string; readonly tone: string };
  /** The recommended action, with a command to paste; absent on pages without a recommendation. */
  readonly action?: { readonly title: string; readonly sentence: string; readonly command: string };
  readonly tiles: Markup;
}

/** Renders the page. Only `Markup` values become markup. */
export function pageHtml(
  { name, about, judgement, action, tiles }: PageHead,
  sections: Markup,
  foot: Markup | null,
): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${name}: ${judgement.title.toLowerCase()}</title>
<style>${trusted(reportStyle)}</style>
</head>
<body>
<main>
<header>
<h1>${name}</h1>
<p>${about}</p>
<section class="card judgement ${judgement.tone}" aria-label="Judgement">
${action ? html`<h2 class="do">${action.title}</h2>` : null}
${action ? html`<p class="why">${unbroken(action.sentence)}</p>` : null}
${action ? html`<pre class="command">${action.command}</pre>` : null}
<strong>${judgement.title}</strong>
<p>${unbroken(judgement.sentence)}</p>
</section>
${tiles}
</header>
${sections}
<footer>Made by tunewise. This page runs no script and loads nothing.${foot}</footer>
</main>
</body>
</html>
`.markup;
}

/** Prevents line breaks before a percent sign. */
function unbroken(text: string): string {
  return text.replace(/ %/g, "\u00a0%");
}
