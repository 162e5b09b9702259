/** @file A document as Markdown, for pull requests and mail. */
import {
  type Answer,
  type Block,
  type Document,
  plainOf,
  type Sample,
  type Section,
  type Sentence,
  type Text,
} from "./document.ts";
import { code, escapeMarkdown, fenced, markdownTable } from "./markdown-text.ts";
import { cut } from "./plain-text.ts";
import { markedText } from "./token-text.ts";

/** Maximum displayed characters of prompts and answers; the number of omitted ones is shown. */
const charactersMax = 1200;

/** Renders the document. Texts of it are escaped. */
export function documentMarkdown({ name, about, verdict, action, sections, folded }: Document): string {
  const title = verdict.title.charAt(0).toLowerCase() + verdict.title.slice(1);
  const head = action
    ? [
        `**${escapeMarkdown(`${action.title}. ${action.sentence}`)}**`,
        fenced(action.command),
        escapeMarkdown(verdict.sentence),
      ]
    : [`**${escapeMarkdown(verdict.sentence)}**`];
  const parts = [
    `# ${escapeMarkdown(`${name}: ${title}`)}`,
    ...head,
    `${inline(about)}.`,
    ...[...sections, ...folded].flatMap(sectionParts),
  ];
  return `${parts.join("\n\n")}\n`;
}

function sectionParts({ blocks, ...title }: Section): string[] {
  return [`## ${titleText(title)}`, ...blocks.flatMap(blockParts)];
}

function titleText({ title, mark }: Pick<Section, "title" | "mark">): string {
  return escapeMarkdown(mark ? `${mark.word}: ${title}` : title);
}

function blockParts(block: Block): string[] {
  switch (block.kind) {
    case "sentence":
      return [sentenceText(block)];
    case "list":
      return [block.items.map((item) => `- ${sentenceText(item)}`).join("\n")];
    case "table":
    case "matrix":
    case "figure":
      return block.table.rows.length > 0 ? [markdownTable(block.table)] : [];
    case "facts":
      return [
        block.facts
          .map(({ name, value }) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`)
          .join("\n"),
      ];
    case "command":
      return [`${escapeMarkdown(block.purpose)}:`, fenced(block.command)];
    case "heading":
      return [`### ${escapeMarkdown(block.title)}`];
    case "details":
      return [`### ${titleText(block)}`, ...block.blocks.flatMap(blockParts)];
    case "samples":
      return [
        ...(block.title === "" ? [] : [`### ${escapeMarkdown(block.title)}`]),
        ...(block.samples.some(({ answers }) => answers.some(({ parts }) => parts)) ? [diffLegend] : []),
        ...block.samples.flatMap(sampleParts),
      ];
    case "tokens":
      return [fenced(markedText(block.tokens))];
  }
}

function inline(text: Text): string {
  const parts = typeof text === "string" ? [text] : text;
  return parts
    .map((part) => {
      if (typeof part === "string") return escapeMarkdown(part);
      return "code" in part ? code(part.code) : strong(part.highlight);
    })
    .join("");
}

/** Markdown has no emphasis that ends in a space. */
function strong(text: string): string {
  const [, before = "", core = "", after = ""] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? [];
  return core === "" ? text : `${before}**${escapeMarkdown(core)}**${after}`;
}

function sentenceText({ text, mark, below, quotes = [], source }: Sentence): string {
  const start = mark ? `**${escapeMarkdown(mark.word)}**: ` : "";
  return [
    `${start}${inline(text)}${below ? ` ${inline(below)}` : ""}`,
    ...quotes.map((one) => `  > ${inline(one)}\n`),
    ...(source ? [fenced(plainOf(source)).replaceAll(/^/gm, "  ")] : []),
  ].join("\n");
}

const diffLegend =
  "Marks against the reference: [-missing-] stands in the reference only, {+added+} in the answer only.";

function sampleParts({ prompt, notes, answers }: Sample, at: number): string[] {
  return [
    `#### Prompt ${at + 1}`,
    fenced(cut(prompt, charactersMax)),
    ...notes.map(inline),
    ...answers.flatMap(answerParts),
  ];
}

function answerParts({ name, mark, text, parts }: Answer): string[] {
  const marked = parts
    ?.map((part) =>
      part.kind === "same" ? part.text : part.kind === "missing" ? `[-${part.text}-]` : `{+${part.text}+}`,
    )
    .join("");
  const title = `${escapeMarkdown(name)}${mark ? ` (${escapeMarkdown(mark.word)})` : ""}`;
  return [title, fenced(cut(marked ?? text, charactersMax))];
}
