/**
 * @file The frame of a page of ours: one file that needs nothing else, runs nothing and can be forwarded.
 */
import { createHash } from "node:crypto";
import { html, type Markup, trusted } from "./markup.ts";
import { reportStyle } from "./style.ts";

const styleHash = createHash("sha256").update(reportStyle).digest("base64");

/** Lets in the one style sheet and nothing else: no script, no image, no form, no address. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** What a page says first. */
export interface PageHead {
  readonly name: string;
  /** The line below the name. */
  readonly about: Markup;
  readonly judgement: { readonly title: string; readonly sentence: string; readonly tone: string };
  readonly tiles: Markup;
}

/** The page as a file. Nothing that is not `Markup` becomes markup. */
export function pageHtml(
  { name, about, judgement, tiles }: PageHead,
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
<strong>${judgement.title}</strong>
<p>${judgement.sentence.replace(/ %/g, "\u00a0%")}</p>
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
