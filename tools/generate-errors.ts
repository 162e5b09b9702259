/** @file Generates `docs/reference/errors.md` from the problem catalog. */
import { exitCodes } from "../packages/tunewise/src/cli/exit-codes.ts";
import { problemCodes, problemKind } from "../packages/tunewise/src/problem/index.ts";

/** Path of the page. */
export const target = "docs/reference/errors.md";

const head = `<!-- Made by tools/generate-errors.ts from the catalogs in packages/; change it there. -->
# Errors

The problem codes of tunewise, what they mean and what to do. \`tunewise explain CODE\` prints the same in a
terminal. A code is never renamed or reused. \`{name}\` stands for a value of the moment.
`;

/** The page: one section per code, sorted, with the text of the catalog. */
export function generate(): string {
  const sections = problemCodes().map(section);
  return `${head}\n${sections.join("\n")}`;
}

function section(code: string): string {
  const kind = problemKind(code);
  if (kind === undefined) throw new Error(`Internal: ${code} is listed and has no entry`);
  const meaning = exitCodes.find((one) => one.code === kind.exitCode)?.meaning;
  if (meaning === undefined)
    throw new Error(`Internal: exit code ${kind.exitCode} of ${code} is not in the table`);
  return `## ${code}

**${kind.title}.** Exit code ${kind.exitCode} (${meaning}). Since ${kind.since}.

${kind.docs}

- Message: ${codeSpan(kind.message)}
- Fix: ${codeSpan(kind.fix)}
`;
}

/** A code span that may contain backticks. */
function codeSpan(text: string): string {
  if (!text.includes("`")) return `\`${text}\``;
  return `\`\` ${text.replaceAll("\n", " ")} \`\``;
}
