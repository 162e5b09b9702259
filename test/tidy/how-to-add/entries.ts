/** @file Reads the entries of "How to add" in CONTRIBUTING.md as data. */
import { readText } from "../sources.ts";

/** One kind of addition. */
export interface Entry {
  /** `Optimizer` */
  readonly kind: string;
  readonly lines: readonly string[];
  /** Files to change in order; `NAME` stands for the name of what is added. */
  readonly files: readonly string[];
  /** Words that find the first file. */
  readonly search: string;
  /** Test to extend. */
  readonly test: string;
}

/** The entries in the order of the page. */
export function readEntries(): readonly Entry[] {
  const section =
    /^## How to add$([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(readText("CONTRIBUTING.md"))?.[1] ?? "";
  return section
    .split(/^### /m)
    .slice(1)
    .map((text) => {
      const [kind = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "");
      return {
        kind,
        lines,
        files: lines.flatMap((line) => /^\d+\. `([^`]+)`/.exec(line)?.[1] ?? []),
        search: /Search for `([^`]+)`/.exec(text)?.[1] ?? "",
        test: /Extend\s+`([^`]+)`/.exec(text)?.[1] ?? "",
      };
    });
}
