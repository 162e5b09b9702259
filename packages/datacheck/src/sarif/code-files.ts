/** @file Writes the code of texts to files for scanners, and maps locations in the files to locations in the texts. */
import { type LanguageName, type Snippet, snippetsOf } from "../codescan/index.ts";

/** A file to scan. */
export interface CodeFile {
  /** Relative to the folder, with `/`: `a12.py`. */
  readonly name: string;
  readonly text: string;
  readonly language: LanguageName;
  /** Where the code occurs: text indexes and snippets. Identical code shares one file. */
  readonly places: readonly CodePlace[];
}

/** Code within a text. */
export interface CodePlace {
  readonly text: number;
  readonly snippet: Snippet;
}

/**
 * Each language's file extension, and whether a file needs a folder of its own, since files of one folder form a
 * program.
 */
const files: Readonly<Record<LanguageName, readonly [ending: string, isAlone: boolean]>> = {
  python: [".py", false],
  javascript: [".js", false],
  typescript: [".ts", false],
  tsx: [".tsx", false],
  java: [".java", true],
  cpp: [".cpp", false],
  csharp: [".cs", false],
  go: [".go", true],
  php: [".php", false],
  rust: [".rs", false],
  shell: [".sh", false],
  sql: [".sql", false],
};

/** Max length of a code snippet. A longer one is not a readable answer. */
const maxCharacters = 2_000_000;

/** The files for the code in texts. Identical code in the same language is one file. */
export function codeFiles(texts: readonly string[]): CodeFile[] {
  const byCode = new Map<string, CodeFile & { readonly places: CodePlace[] }>();
  for (const [text, content] of texts.entries()) {
    for (const snippet of snippetsOf(content)) {
      const { language, code } = snippet;
      if (language === undefined || code.length > maxCharacters) continue;
      const key = `${language} ${code}`;
      const file = byCode.get(key) ?? { ...fileOf(language, code, byCode.size), places: [] };
      file.places.push({ text, snippet });
      byCode.set(key, file);
    }
  }
  return [...byCode.values()];
}

function fileOf(language: LanguageName, code: string, index: number): Omit<CodeFile, "places"> {
  const [ending, isAlone] = files[language];
  const name = isAlone ? `a${index}/code${ending}` : `a${index}${ending}`;
  // PHP in an answer often lacks its opening tag, without which scanners read no code
  const isBare = language === "php" && !code.includes("<?");
  return { name, language, text: isBare ? `<?php ${code}` : code };
}

/** Splits files into batches, each for one run of a scanner. */
export function batchesOf(
  all: readonly CodeFile[],
  maxFiles: number,
  charactersPerBatch: number,
): CodeFile[][] {
  const batches: CodeFile[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const file of all) {
    const last = batches.at(-1);
    if (last === undefined || last.length >= maxFiles || characters + file.text.length > charactersPerBatch) {
      batches.push([file]);
      characters = file.text.length;
    } else {
      last.push(file);
      characters += file.text.length;
    }
  }
  return batches;
}
