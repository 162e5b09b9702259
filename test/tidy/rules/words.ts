/** @file Rules on words: unspecific names, unfinished work in the code, missing reasons. */
import type { Source } from "../sources.ts";
import type { Rule } from "./rule.ts";

const emptyNames = /(^|[/-])(utils?|helpers?|common|misc|manager)([/.-]|$)/;
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*$/;
const unfinished = /\b(TODO|FIXME|XXX|HACK)\b/;

/** The rules on words. */
export const wordRules: readonly Rule[] = [
  {
    name: "a path says what is in it, in kebab-case",
    find: ({ path }) => {
      const odd = path.split("/").filter((part) => !part.startsWith(".") && !kebab.test(part));
      return emptyNames.test(path) || odd.length > 0 ? [`1: ${path}`] : [];
    },
    bad: [
      ["packages/tunewise/src/plan/utils.ts", ""],
      ["packages/core/src/helpers/memory.ts", ""],
      ["packages/tunewise/src/plan/run-manager.ts", ""],
      ["packages/tunewise/src/plan/estimateMemory.ts", ""],
    ],
    good: [
      ["packages/tunewise/src/plan/memory.ts", ""],
      ["packages/tunewise/src/plan/memory.test.ts", ""],
      ["packages/tunewise/src/plan/commonsense.ts", ""],
    ],
  },
  {
    name: "nothing is left for later",
    find: (source) => linesMatching(source, unfinished),
    bad: [["packages/tunewise/src/plan/a.ts", `// ${"TO"}DO: think\n`]],
    good: [["packages/tunewise/src/plan/a.ts", "// todos of the user are counted\n"]],
  },
  {
    name: "a switched-off check gives its reason",
    find: (source) => [
      ...linesMatching(source, /@ts-(ignore|nocheck)/),
      ...linesMatching(source, /@ts-expect-error\s*$/),
      ...linesMatching(source, /biome-ignore(?!\S* \S+: (?!<)\S.{9,})/),
    ],
    bad: [
      ["packages/tunewise/src/plan/a.ts", `// @ts-${"ignore"}\nlet a;\n`],
      ["packages/tunewise/src/plan/b.ts", `// @ts-expect-${"error"}\nlet a;\n`],
      [
        "packages/tunewise/src/plan/c.ts",
        `// biome-${"ignore"} lint/suspicious/noExplicitAny: <explanation>\nlet a;\n`,
      ],
      ["packages/tunewise/src/plan/d.ts", `// biome-${"ignore"} lint/suspicious/noExplicitAny: no\nlet a;\n`],
    ],
    good: [
      [
        "packages/tunewise/src/plan/e.ts",
        "// biome-ignore lint/suspicious/noExplicitAny: the driver's own type\nlet a;\n",
      ],
    ],
  },
  {
    name: "no test is left out or run alone",
    find: (source) =>
      source.isTest ? linesMatching(source, /\b(it|test|describe)\.(only|skip|todo)\b/) : [],
    bad: [
      ["packages/tunewise/src/plan/a.test.ts", `it.${"only"}("x", () => {});\n`],
      ["test/journey/a.test.ts", `describe.${"skip"}("x", () => {});\n`],
    ],
    good: [["packages/tunewise/src/plan/b.test.ts", 'it.skipIf(!python)("x", () => {});\n']],
  },
];

function linesMatching(source: Source, pattern: RegExp): string[] {
  return source.lines.flatMap((line, index) => (pattern.test(line) ? [`${index + 1}: ${line.trim()}`] : []));
}
