/**
 * @file Inserts the rows of an archive into the tables. These rows bypass the validation of the store's normal write
 * path, so the security-relevant checks are repeated here.
 */
import type { SqlValue, Transaction } from "../database/database.ts";
import { type ArchiveWatch, type Manifest, maxPartBytes, names } from "./manifest.ts";
import { type Columns, readPart, valuesOf } from "./part-writer.ts";
import { type SchemaTable, schemaTables } from "./schema-tables.ts";
import { NotAnArchive } from "./tar.ts";
import { type ArchiveFile, contentOf, type VerifiedArchive } from "./verify-archive.ts";

/** Maximum rows and characters per INSERT statement. */
const rowsAtOnce = 2_000;
const charactersAtOnce = 8 * 2 ** 20;

function* batchesOf(lines: Iterable<string>): Generator<string[]> {
  let [some, characters] = [[] as string[], 0];
  for (const line of lines) {
    some.push(line);
    characters += line.length;
    if (some.length < rowsAtOnce && characters < charactersAtOnce) continue;
    yield some;
    [some, characters] = [[], 0];
  }
  if (some.length > 0) yield some;
}

/**
 * Fills empty tables. The archive must have exactly the tables and columns of the schema.
 *
 * @throws {NotAnArchive}
 */
export async function unpackTables(
  transaction: Transaction,
  archive: ArchiveFile,
  { manifest, parts }: VerifiedArchive,
  { signal, onProgress }: ArchiveWatch,
): Promise<void> {
  const tables = await schemaTables();
  requireSame(tables, manifest);
  // A new store has a few initial rows. The audit table has none, and its trigger rejects every DELETE.
  for (const { name } of tables.toReversed()) {
    if ((await transaction.all(`SELECT 1 FROM ${name} LIMIT 1`)).length > 0)
      await transaction.run(`DELETE FROM ${name}`);
  }
  for (const { name, columns, number } of tables) {
    const about = manifest.tables.find((one) => one.name === name);
    const rules = rowRules(Object.keys(columns));
    let count = 0;
    for (const [at, part] of (about?.parts ?? []).entries()) {
      signal.throwIfAborted();
      const partName = names.part(name, at);
      const entry = parts.get(partName);
      if (!entry) throw new NotAnArchive(`${partName} is missing`);
      const lines = await readPart(partName, await contentOf(archive, entry, maxPartBytes), part);
      for (const some of batchesOf(lines)) {
        const rows = rowsOf(transaction, columns, rules, some, partName);
        await transaction.insert({ table: name, columns }, rows);
      }
      count += part.rows;
      onProgress?.({ doing: "rows", name, count });
    }
    if (number !== null) await continueNumbers(transaction, name, number);
  }
}

function requireSame(tables: readonly SchemaTable[], manifest: Manifest): void {
  const inSchema = new Map(tables.map(({ name, columns }) => [name, Object.keys(columns).join(" ")]));
  for (const { name, columns } of manifest.tables) {
    if (inSchema.get(name) !== columns.join(" ")) {
      throw new NotAnArchive("its tables are not those of its schema version");
    }
    inSchema.delete(name);
  }
  const [missing] = inSchema.keys();
  if (missing !== undefined) throw new NotAnArchive(`it has no table ${missing}`);
}

function rowsOf(
  { dialect }: Transaction,
  columns: Columns,
  rules: RowRules,
  lines: readonly string[],
  part: string,
): SqlValue[][] {
  return lines.map((line) => {
    const values = valuesOf(columns, line);
    if (!values) throw new NotAnArchive(`a row of ${part} has no valid form`);
    const fault = rules(values);
    if (fault !== null) throw new NotAnArchive(`a row of ${part} ${fault}`);
    // PostgreSQL's driver sends numbers as text and loses the sign of negative zero.
    return dialect.name === "postgres"
      ? values.map((value) => (Object.is(value, -0) ? "-0" : value))
      : values;
  });
}

/** Describes what is wrong with a row, as a continuation of "a row of TABLE"; `null` if the row is valid. */
type RowRules = (values: readonly SqlValue[]) => string | null;

/** The checks for rows with these columns. */
function rowRules(columns: readonly string[]): RowRules {
  const judged = columns.flatMap((column, at) => {
    if (isMoney(column)) return [{ at, isFault: isNegative, words: `has a negative ${column}` }];
    if (column !== "artifact_root") return [];
    return [{ at, isFault: leadsElsewhere, words: "has an artifact_root that leads elsewhere" }];
  });
  return (values) => {
    const found = judged.find(({ at, isFault }) => {
      const value = values[at] ?? null;
      return value !== null && isFault(String(value));
    });
    return found?.words ?? null;
  };
}

/** Whether a decimal number is negative; `-0` is not. */
function isNegative(value: string): boolean {
  return value.startsWith("-") && Number(value) !== 0;
}

/** Whether a column holds an amount of money. A negative amount would raise a spending cap. */
function isMoney(column: string): boolean {
  return /(?:^|_)micro_usd(?:_|$)/.test(column);
}

/** Whether an address has dot segments, encoded or not, or characters that are not valid in addresses. */
function leadsElsewhere(address: string): boolean {
  const decoded = decodedOrNull(address);
  if (decoded === null) return true;
  return /\p{Cc}|\\/u.test(decoded) || decoded.split("/").some((part) => part === ".." || part === ".");
}

function decodedOrNull(address: string): string | null {
  try {
    return decodeURIComponent(address);
  } catch {
    return null;
  }
}

/**
 * Advances PostgreSQL's sequence past the largest number in use; SQLite does so automatically.
 *
 * @param number an integer column, which may have a sequence
 */
async function continueNumbers(transaction: Transaction, table: string, number: string): Promise<void> {
  if (transaction.dialect.name !== "postgres") return;
  await transaction.all(
    `SELECT setval(sequence::regclass, greatest(last, 1), last > 0)
     FROM (SELECT pg_get_serial_sequence(?, ?) AS sequence) AS s,
       (SELECT coalesce(max(${number}), 0) AS last FROM ${table}) AS n
     WHERE sequence IS NOT NULL`,
    table,
    number,
  );
}
