/** @file Compiles the product with files edited in memory. */
import { join } from "node:path";
import ts from "typescript";
import { listFiles, root } from "../sources.ts";

/** Texts of edited and created files by path relative to the root. */
export type Edits = ReadonlyMap<string, string>;

/** An error of the compiler. */
export interface CompileError {
  /** Relative to the root. */
  readonly path: string;
  readonly text: string;
}

const options: ts.CompilerOptions = {
  ...ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    root,
  ).options,
  noEmit: true,
};
const products = listFiles("packages").filter(
  (path) => /\.ts$/.test(path) && !/\.(test|runtime)\.ts$/.test(path),
);

/**
 * Compiles edited copies of the product one after the other. Unedited files are parsed once, and only files that may be
 * affected are checked: those that are edited, and those that contain one of `words`.
 */
export class Compiler {
  readonly #parsed = new Map<string, ts.SourceFile | undefined>();
  #program: ts.Program | undefined;

  /** Errors in the affected files. */
  errors(edits: Edits, words: readonly string[]): readonly CompileError[] {
    const absolute = new Map([...edits].map(([path, text]) => [join(root, path), text]));
    const roots = [...new Set([...products, ...edits.keys()])].filter((path) => path.endsWith(".ts"));
    const program = ts.createProgram(
      roots.map((path) => join(root, path)),
      options,
      this.#host(absolute),
      this.#program,
    );
    this.#program = program;
    const affected = new RegExp(`\\b(${words.join("|")})\\b`);
    return program.getSourceFiles().flatMap((file) => {
      const isOwn = file.fileName.startsWith(join(root, "packages"));
      if (!isOwn || !(absolute.has(file.fileName) || affected.test(file.text))) return [];
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      const path = file.fileName.slice(root.length + 1);
      return found.map(({ messageText }) => ({
        path,
        text: ts.flattenDiagnosticMessageText(messageText, "\n"),
      }));
    });
  }

  /** Frees the memory of all parsed files. */
  close(): void {
    this.#parsed.clear();
    this.#program = undefined;
  }

  #host(edits: ReadonlyMap<string, string>): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    return {
      ...host,
      fileExists: (path) => edits.has(path) || host.fileExists(path),
      readFile: (path) => edits.get(path) ?? host.readFile(path),
      getSourceFile: (path, language) => {
        const text = edits.get(path);
        if (text !== undefined) return ts.createSourceFile(path, text, language);
        if (!this.#parsed.has(path)) this.#parsed.set(path, host.getSourceFile(path, language));
        return this.#parsed.get(path);
      },
    };
  }
}
