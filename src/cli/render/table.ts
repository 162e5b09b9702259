/** @file Tables of text with aligned columns. */
import { withoutColors } from "./paint.ts";

/** Columns where a stream does not say how wide it is. */
export const usualColumns = 100;

/** One column: its head and which side its cells keep to. */
export interface Column {
  readonly head: string;
  readonly align?: "left" | "right";
}

/**
 * Rows under heads, columns two blanks apart, without trailing blanks. Numbers belong right-aligned.
 *
 * @param rows one text per column; missing ones are blank
 */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const heads = columns.some(({ head }) => head !== "") ? [columns.map(({ head }) => head)] : [];
  const lines = [...heads, ...rows];
  const widths = columns.map((_, at) => Math.max(0, ...lines.map((line) => width(line[at] ?? ""))));
  return lines
    .map((line) =>
      columns
        .map(({ align }, at) => {
          const cell = line[at] ?? "";
          const blanks = " ".repeat((widths[at] ?? 0) - width(cell));
          return align === "right" ? blanks + cell : cell + blanks;
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Columns a text takes, colors not counted; a character outside the basic alphabets may be wider than this says. */
export function width(text: string): number {
  return [...withoutColors(text)].length;
}

/** Text cut at blanks into lines of at most `columns`; a longer word stands alone, double blanks stay. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/[ \n]/)) {
    if (line !== "" && width(line) + 1 + width(word) > columns) {
      lines.push(line.trimEnd());
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** Narrowest last column that is still read as one; below it the text goes on a line of its own. */
const narrowest = 24;

/**
 * Rows of a name, a value and a sentence within a width: side by side where the sentence has room, else the sentence
 * below, indented. No word is broken.
 */
export function stackedText(rows: readonly (readonly string[])[], columns: number): string {
  const widths = [0, 1].map((at) => Math.max(0, ...rows.map((row) => width(row[at] ?? ""))));
  const lead = (widths[0] ?? 0) + 2;
  const room = columns - lead - (widths[1] ?? 0) - 2;
  return rows
    .flatMap(([name = "", value = "", sentence = ""]) => {
      const head = `${name}${" ".repeat(lead - width(name))}`;
      if (room >= narrowest) {
        const gap = " ".repeat((widths[1] ?? 0) - width(value) + 2);
        const [first = "", ...rest] = wrap(sentence, room);
        return [
          `${head}${value}${first === "" ? "" : gap + first}`,
          ...rest.map((line) => `${" ".repeat(columns - room)}${line}`),
        ];
      }
      const below = [
        ...wrap(value, columns - lead),
        ...wrap(sentence, columns - lead - 2).map((line) => `  ${line}`),
      ];
      return below.map((line, at) => `${at === 0 ? head : " ".repeat(lead)}${line}`);
    })
    .map((line) => line.trimEnd())
    .join("\n");
}
