/** @file Recognized languages, and their names in fenced blocks. */

/**
 * A recognized language. C and C++ are one (`cpp`) and have no built-in rules; scanners that write SARIF check their
 * code. All shells are one.
 */
export type LanguageName =
  | "python"
  | "javascript"
  | "typescript"
  | "tsx"
  | "java"
  | "cpp"
  | "csharp"
  | "go"
  | "php"
  | "rust"
  | "shell"
  | "sql";

const tags: Readonly<Record<LanguageName, string>> = {
  python: "python py python3 python2 py3 ipython sage pycon",
  javascript: "javascript js jsx mjs cjs node nodejs ecmascript",
  typescript: "typescript ts mts cts",
  tsx: "tsx",
  java: "java",
  cpp: "cpp c c++ cc cxx h hpp hxx objectivec arduino",
  csharp: "csharp c# cs csx dotnet aspnet",
  go: "go golang",
  php: "php php7 php8",
  rust: "rust rs",
  shell: "shell sh bash zsh ksh dash console shell-session terminal",
  sql: "sql mysql postgresql postgres plsql tsql sqlite mariadb pgsql",
};

const byTag = new Map(
  (Object.entries(tags) as [LanguageName, string][]).flatMap(([language, names]) =>
    names.split(" ").map((name) => [name, language] as const),
  ),
);

/** The language of a fence's tag (`py`, `Python3`, `c++`); `undefined` for other languages and without a tag. */
export function languageOfTag(tag: string): LanguageName | undefined {
  return byTag.get(
    tag
      .trim()
      .toLowerCase()
      .replace(/^[.{]+/, ""),
  );
}
