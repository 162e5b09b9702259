/** @file Documents as text for the terminal: the verdict, and the sections that matter most. */
import {
  type Block,
  type Document,
  markedText,
  plainOf,
  type Sample,
  type Sentence,
  type Text,
  type TokenSpan,
} from "../../report/index.ts";
import type { Paint } from "./paint.ts";
import { keyValueText, reportTable, wrap } from "./table.ts";
import { plain, plainLines } from "./terminal.ts";

/** The verdict and the brief sections of a document within `columns`. */
export function documentText(
  { name, verdict, sections, folded }: Pick<Document, "name" | "verdict" | "sections" | "folded">,
  columns: number = Number.POSITIVE_INFINITY,
  colors: Paint | null = null,
): string {
  const brief = [...sections, ...folded].filter(({ isBrief }) => isBrief);
  return [
    `${plain(name)}: ${plain(verdict.title)}\n${lineText(verdict.sentence, columns)}`,
    ...brief.map(({ title, blocks }) => `${plain(title)}\n${blocksText(blocks, columns, colors)}`),
  ].join("\n\n");
}

/** Blocks as text within `columns`. */
export function blocksText(
  blocks: readonly Block[],
  columns: number = Number.POSITIVE_INFINITY,
  colors: Paint | null = null,
): string {
  return blocks
    .map((block) => blockText(block, columns, colors))
    .filter((text) => text !== "")
    .join("\n");
}

function blockText(block: Block, columns: number, colors: Paint | null): string {
  switch (block.kind) {
    case "sentence":
      return sentenceText(block, columns);
    case "list":
      return block.items.map((item) => sentenceText(item, columns)).join("\n");
    case "table":
    case "matrix":
    case "figure":
      return reportTable(block.table, columns);
    case "facts":
      return keyValueText(
        block.facts.map(({ name, value }) => [plain(name), plain(value)]),
        columns,
      );
    case "command":
      return `${plain(block.purpose)}: ${plain(block.command)}`;
    case "heading":
      return `\n${plain(block.title)}`;
    case "details":
      return `${plain(block.title)}\n${blocksText(block.blocks, columns, colors)}`;
    case "samples":
      return [...(block.title === "" ? [] : [plain(block.title)]), ...block.samples.map(sampleText)].join(
        "\n",
      );
    case "tokens":
      return tokensText(block.tokens, colors);
  }
}

/** Marks stay beside colors: color never conveys meaning by itself. */
function tokensText(tokens: readonly TokenSpan[], colors: Paint | null): string {
  if (colors === null) return plainLines(markedText(tokens));
  const painted = ({ text, isTrained, isSpecial, isCut }: TokenSpan): string => {
    const color = isCut ? colors.dim : isTrained ? colors.green : (own: string): string => own;
    const bold = isSpecial ? colors.bold : (own: string): string => own;
    return plainLines(text)
      .split("\n")
      .map((line) => (line === "" ? "" : bold(color(line))))
      .join("\n");
  };
  return markedText(tokens, painted);
}

function sentenceText({ text, mark, below, quotes = [], source }: Sentence, columns: number): string {
  const start = mark ? `${plain(mark.word)}: ` : "";
  return [
    lineText(text, columns, start),
    ...(below ? [`  ${plain(plainOf(below))}`] : []),
    ...quotes.map((one) => `    ${plain(plainOf(one))}`),
    ...(source ? [plainLines(plainOf(source))] : []),
  ].join("\n");
}

function lineText(text: Text, columns: number, start = ""): string {
  return wrap(start + plain(plainOf(text)), columns).join("\n");
}

function sampleText({ prompt, notes, answers }: Sample): string {
  return [
    `  ${plainLines(prompt)}`,
    ...notes.map((one) => `  ${plain(plainOf(one))}`),
    ...answers.map(
      ({ name, mark, text }) =>
        `  ${plain(name)}${mark ? ` (${plain(mark.word)})` : ""}: ${plainLines(text)}`,
    ),
  ].join("\n");
}
