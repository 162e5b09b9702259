/** @file The code of texts as files that a scanner can read, and places in the files as places in the texts. */
import { type LanguageName, type Snippet, snippetsOf } from "../codescan/index.ts";

/** A file to scan. */
export interface CodeFile {
  /** Below the folder, with `/`: `a12.py`. */
  readonly name: string;
  readonly text: string;
  readonly language: LanguageName;
  /** Where the same code stands: the text by its index, and the lines in it. */
  readonly places: readonly CodePlace[];
}

/** Code in a text. */
export interface CodePlace {
  readonly text: number;
  readonly snippet: Snippet;
}

/** Ending of a language's files, and whether files of one folder are one program there. */
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

/** Characters of one piece of code; a longer one is no answer that anybody reads. */
const charactersMost = 2_000_000;

/** The code in texts; the same code of the same language is one file. */
export function codeFiles(texts: readonly string[]): CodeFile[] {
  const byCode = new Map<string, CodeFile & { readonly places: CodePlace[] }>();
  for (const [text, content] of texts.entries()) {
    for (const snippet of snippetsOf(content)) {
      const { language, code } = snippet;
      if (language === undefined || code.length > charactersMost) continue;
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
  // PHP in an answer often stands without its tag, and is then a page without code
  const isBare = language === "php" && !code.includes("<?");
  return { name, language, text: isBare ? `<?php ${code}` : code };
}

/** Files in portions that one run of a program takes. */
export function batchesOf(
  all: readonly CodeFile[],
  filesMost: number,
  charactersPerBatch: number,
): CodeFile[][] {
  const batches: CodeFile[][] = [];
  let characters = Number.POSITIVE_INFINITY;
  for (const file of all) {
    const last = batches.at(-1);
    if (
      last === undefined ||
      last.length >= filesMost ||
      characters + file.text.length > charactersPerBatch
    ) {
      batches.push([file]);
      characters = file.text.length;
    } else {
      last.push(file);
      characters += file.text.length;
    }
  }
  return batches;
}
