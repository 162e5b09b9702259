/**
 * @file Converts a search of the registry to conditions and an order for the store.
 *
 * Clients distinguish models from prompts by a condition on a tag that only prompts have. That condition selects
 * between the two and is not treated as an ordinary one.
 *
 * @source mlflow/mlflow mlflow/utils/search_utils.py, SearchModelUtils and SearchModelVersionUtils
 */
import { promptTag, type RegistryCondition, type VersionColumn, type VersionOrder } from "../../../index.ts";
import { ValidationError } from "../fields.ts";
import { type Clause, invalidFilter, numberClause, readClauses, textClause } from "../filter/clauses.ts";

/** Columns by their names in the protocol. */
type Names<Column extends string> = Readonly<Record<string, Column>>;

/** Properties of a registered model that a condition may name. */
export const nameColumns: Names<"name"> = { name: "name" };
/** Properties that registered models may be ordered by. */
export const nameOrders: Names<"name" | "created_ms" | "changed_ms"> = {
  name: "name",
  timestamp: "changed_ms",
  last_updated_timestamp: "changed_ms",
  creation_timestamp: "created_ms",
};
/** Properties of a version that a condition may name. */
export const versionColumnNames: Names<VersionColumn> = {
  name: "name",
  version_number: "version",
  run_id: "run",
  source_path: "source",
};
/** Properties that versions may be ordered by. */
export const versionOrders: Names<VersionOrder> = {
  name: "name",
  version_number: "version",
  creation_timestamp: "created_ms",
  last_updated_timestamp: "changed_ms",
};

/** Parses the conditions of a request, and whether it is about prompts. */
export function readRegistryFilter<Column extends string>(
  filter: string | undefined,
  columns: Names<Column>,
): { prompts: boolean; conditions: RegistryCondition<Column>[] } {
  const clauses = readClauses(filter ?? "");
  const isChoice = ({ entity, key, comparison }: Clause): boolean =>
    /^tags?$/.test(entity ?? "") && key === promptTag && (comparison === "=" || comparison === "!=");
  const prompts = clauses
    .filter(isChoice)
    .some(({ comparison, values }) => values[0] === (comparison === "=" ? "true" : "false"));
  const conditions = clauses
    .filter((clause) => !isChoice(clause))
    .map((clause) => conditionOf(clause, columns));
  return { prompts, conditions };
}

function conditionOf<Column extends string>(
  clause: Clause,
  columns: Names<Column>,
): RegistryCondition<Column> {
  const { key } = clause;
  const entity = clause.entity ?? "";
  if (/^tags?$/.test(entity)) {
    if (clause.comparison.endsWith("IN")) throw invalidFilter(`${clause.comparison} does not compare tags`);
    return { ...textClause(clause), field: { tag: key } };
  }
  if (!/^(|attr|attributes?)$/.test(entity)) throw invalidFilter(`'${entity}' is no kind of property`);
  const column = Object.hasOwn(columns, key) ? columns[key] : undefined;
  if (column === undefined) {
    throw invalidFilter(`'${key.slice(0, 100)}' is none of ${Object.keys(columns).join(", ")}`);
  }
  const isNumber = column === "version";
  return { ...(isNumber ? numberClause(clause, true) : textClause(clause)), field: { column } };
}

const maxOrders = 10;

/** Parses the order of a request, such as `last_updated_timestamp DESC`. @throws {ValidationError} if it is invalid */
export function readOrder<Column extends string>(
  items: readonly unknown[],
  columns: Names<Column>,
): { column: Column; ascending: boolean }[] {
  if (items.length > maxOrders) throw new ValidationError(items.length, `at most ${maxOrders}`);
  return items.map((item) => {
    const text = String(item).trim();
    const [, name = "", direction = "ASC"] =
      /^(?:attr\.|attributes?\.)?`?(\w+)`?(?:\s+(ASC|DESC))?$/i.exec(text) ?? [];
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) {
      throw new ValidationError(text, `one of ${Object.keys(columns).join(", ")}, and ASC or DESC`);
    }
    return { column, ascending: direction.toUpperCase() === "ASC" };
  });
}
