/** @file Finds additions that are incomplete although they compile: names without a row, files that nothing uses. */
import { commands, groups } from "../../../packages/tunewise/src/cli/commands.ts";
import { globalFlags } from "../../../packages/tunewise/src/cli/flags.ts";
import { parseCases } from "../../support/scanner-cases.ts";

/** Texts of the repository's files, possibly edited in memory. */
export interface Tree {
  readonly paths: readonly string[];
  readonly read: (path: string) => string;
}

/** A name that a file lacks, or a file that nothing uses. */
export interface Omission {
  /** The file to change. */
  readonly file: string;
  readonly name: string;
}

const product = "packages/tunewise/src";

/** All omissions of a tree. */
export function findOmissions(tree: Tree): readonly Omission[] {
  return [
    ...unlistedNames(tree),
    ...rulesWithoutCases(tree),
    ...unusedFiles(tree),
    ...unusedReaders(tree),
    ...unreadFlags(tree),
  ];
}

/** A set of names, and a file beyond the compiler's reach that must contain each of them in quotes. */
interface Listing {
  readonly file: string;
  readonly quoted: (name: string) => string;
  readonly table: string;
  /** The part of the table's file that lists the names, and one name in it. */
  readonly part: RegExp;
  readonly name: RegExp;
}

const listings: readonly Listing[] = [
  {
    file: "worker/tunewise_worker/trainer.py",
    quoted: (name) => `    "${name}": `,
    table: "packages/core/src/run/optimizers.ts",
    part: /Record<OptimizerName, OptimizerRow>> = \{\n([\s\S]*?)\n\};/,
    name: /^ {2}"?([a-z0-9-]+)"?: \{/gm,
  },
  {
    file: "worker/tunewise_worker/losses.py",
    quoted: (name) => `    "${name}": `,
    table: "packages/core/src/run/losses.ts",
    part: /Record<LossName, LossRow>> = \{\n([\s\S]*?)\n\};/,
    name: /^ {2}"?([a-z0-9-]+)"?: \{/gm,
  },
  {
    file: "docs/recipes.md",
    quoted: (name) => `\`${name}\``,
    table: `${product}/recipe/metrics.ts`,
    part: /Record<MetricName, .*> = \{\n([\s\S]*?)\n\};/,
    name: /^ {2}([a-z0-9_]+): /gm,
  },
];

function unlistedNames({ read }: Tree): Omission[] {
  return listings.flatMap((listing) => {
    const text = read(listing.file);
    return listedNames(listing, read)
      .filter((name) => !text.includes(listing.quoted(name)))
      .map((name) => ({ file: listing.file, name }));
  });
}

function listedNames({ table, part, name }: Listing, read: Tree["read"]): string[] {
  const names = [...(part.exec(read(table))?.[1] ?? "").matchAll(name)].map(([, found = ""]) => found);
  if (names.length < 2) throw new Error(`${table} has no list of names of the expected form`);
  return names;
}

/** Scanner rules without cases in the file beside theirs. */
function rulesWithoutCases({ paths, read }: Tree): Omission[] {
  return paths.flatMap((path) => {
    const group = /^packages\/datacheck\/src\/codescan\/rules\/([a-z/-]+)\.ts$/.exec(path)?.[1];
    const ids = [...(group ? read(path) : "").matchAll(/^ +id: "([a-z]+)\/([a-z0-9-]+)"/gm)];
    if (ids.length === 0) return [];
    const file = `packages/datacheck/test/cases/${group}.md`;
    const cases = paths.includes(file) ? parseCases(read(file), file) : new Map();
    return ids
      .filter(([, language, name]) => !cases.has(`${language}/${name}`))
      .map(([, , name = ""]) => ({ file, name }));
  });
}

/** Files that another file must import: charts by a report, routes by a protocol, price lists by the catalog. */
const used: readonly { readonly files: RegExp; readonly by: string }[] = [
  {
    files: new RegExp(`^${product}/report/charts/([a-z-]+)-chart\\.ts$`),
    by: `${product}/report/run/run-report.ts`,
  },
  {
    files: new RegExp(`^${product}/server/tracking/dashboard/([a-z-]+)-routes\\.ts$`),
    by: `${product}/server/tracking/dashboard/dashboard-protocol.ts`,
  },
  {
    files: new RegExp(`^${product}/catalog/prices/lists/([a-z-]+)\\.ts$`),
    by: `${product}/catalog/index.ts`,
  },
];

function unusedFiles({ paths, read }: Tree): Omission[] {
  const sources = paths.filter((path) => path.startsWith(product) && /(?<!\.test|\.runtime)\.ts$/.test(path));
  const imported = new Set(
    sources.flatMap((path) =>
      [...read(path).matchAll(/from "[^"]*\/([^/"]+\.ts)"/g)].map(([, file]) => file),
    ),
  );
  return sources.flatMap((path) => {
    const rule = used.find(({ files }) => files.test(path));
    const isUsed = rule === undefined || imported.has(path.split("/").at(-1));
    return isUsed ? [] : [{ file: rule.by, name: rule.files.exec(path)?.[1] ?? "" }];
  });
}

/** Readers of price lists that the update does not download. */
function unusedReaders({ read }: Tree): Omission[] {
  const file = `${product}/app/prices/lists.ts`;
  const exported = read(`${product}/catalog/index.ts`).matchAll(
    /export \{([^}]*)\} from "\.\/prices\/lists\/([a-z-]+)\.ts"/g,
  );
  return [...exported].flatMap(([, names = "", name = ""]) =>
    names
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one.startsWith("read") && !read(file).includes(one))
      .map(() => ({ file, name })),
  );
}

/** Flags that no handler reads; the console reads those of every command. */
function unreadFlags({ paths, read }: Tree): Omission[] {
  const folder = `${product}/cli/`;
  const isTable = (path: string): boolean => /\/cli\/(commands\/|flags\.ts)/.test(path);
  const sources = paths.filter((path) => path.startsWith(folder) && path.endsWith(".ts"));
  const handlers = sources
    .filter((path) => !isTable(path) && !/\.test\.ts$/.test(path))
    .map(read)
    .join("\n");
  const others = new Set([...commands, ...groups, ...globalFlags].map(({ name }) => name));
  const written = sources
    .filter(isTable)
    .flatMap((path) => [...read(path).matchAll(/\bname: "([a-z-]+)"/g)].map(([, name = ""]) => name));
  const replaced = commands.flatMap(({ flags }) =>
    flags.filter(({ replacedBy }) => replacedBy).map(({ name }) => name),
  );
  return [...new Set(written)]
    .filter((name) => !others.has(name) && !replaced.includes(name))
    .filter((name) => !handlers.includes(`"${name}"`))
    .map((name) => ({ file: `${folder}handlers`, name }));
}
