/** @file A seeded data set with every kind of repetition that the checks detect, within a split and across splits. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mulberry32, type Random } from "@tunewise/core/math";

const letters = "etaoinsrhldcumfpgwybvkxjqz";

/** Words by rank; rank r has a probability of about 1 / r. */
function lexicon(size: number, random: Random): string[] {
  const words = new Set<string>();
  while (words.size < size) {
    const length = 2 + Math.floor(Math.log2(words.size + 2) * (0.3 + 0.6 * random()));
    words.add(Array.from({ length }, () => letters[Math.floor(letters.length * random() ** 1.6)]).join(""));
  }
  return [...words];
}

/** Prompts: new ones, filled templates, and exact or modified copies of earlier ones. */
export function repeatedPrompts(count: number, seed: number): string[] {
  const random = mulberry32(seed);
  const known = lexicon(3_000, random);
  const word = (): string => known[Math.floor(known.length ** random()) - 1] ?? "the";
  const fresh = (words: number): string[] => Array.from({ length: words }, word);
  const templates = Array.from({ length: 5 }, () => fresh(12));
  const prompts: string[] = [];
  for (let row = 0; row < count; row++) {
    const copied = prompts[Math.floor(random() * prompts.length)]?.split(" ");
    const kind = Math.floor(random() * 20);
    const at = Math.floor(random() * (copied?.length ?? 1));
    if (copied === undefined || kind < 10) prompts.push(fresh(1 + Math.floor(random() ** 2 * 40)).join(" "));
    else if (kind < 12)
      prompts.push(
        templates[row % 5]
          ?.with(row % 12, word())
          .with(5, word())
          .join(" ") ?? "",
      );
    else if (kind < 14) prompts.push(copied.join(" "));
    else if (kind < 15) prompts.push(`${copied.join(", ").toUpperCase()}!`);
    else if (kind < 16) prompts.push([...copied.slice(at), ...copied.slice(0, at)].join(" "));
    else if (kind < 18) prompts.push(copied.with(at, word()).join(" "));
    else if (kind < 19) prompts.push([...fresh(20), ...copied, ...fresh(20)].join(" "));
    else prompts.push(row % 2 === 0 ? "?!" : `日本語の質問 ${copied.join(" ")}`);
  }
  return prompts;
}

/**
 * Writes `train.jsonl`, `validation.jsonl` and `test.jsonl`, each with a broken line, a blank line and two incomplete
 * rows.
 */
export function writeRepeatedFiles(folder: string, count: number, seed: number): void {
  const prompts = repeatedPrompts(count, seed);
  const parts = { train: prompts.slice(0, count * 0.8), validation: [] as string[], test: [] as string[] };
  for (const [at, prompt] of prompts.slice(count * 0.8).entries())
    parts[at % 2 === 0 ? "validation" : "test"].push(prompt);
  for (const [name, own] of Object.entries(parts)) {
    const lines = own.map((prompt, at) => JSON.stringify({ prompt, completion: `answer ${at % 7}` }));
    lines.splice(
      lines.length >> 1,
      0,
      '{"prompt": broken',
      "",
      '{"prompt":"no answer"}',
      '{"completion":"x"}',
    );
    writeFileSync(join(folder, `${name}.jsonl`), `\uFEFF${lines.join("\n")}\n`);
  }
}
