/** @file Writes rows with lists and structs to Parquet, as `datasets.to_parquet` does. */
import { parquetWriteBuffer } from "hyparquet-writer";

type Schema = NonNullable<Parameters<typeof parquetWriteBuffer>[0]["schema"]>;

/** Rows as Parquet; the schema has every field that occurs in a row. */
export function parquetOf(rows: readonly Readonly<Record<string, unknown>>[]): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columns = names.map((name) => ({ name, data: rows.map((row) => row[name] ?? null) }));
  const schema: Schema = [
    { name: "root", num_children: columns.length },
    ...columns.flatMap(({ name, data }) => elementsOf(name, data)),
  ];
  const columnData = columns.map(({ name, data }) => ({ name, data: data.map(plain) }));
  return new Uint8Array(parquetWriteBuffer({ columnData, schema }));
}

/** The schema of a field with all of its values. */
function elementsOf(name: string, values: readonly unknown[]): Schema {
  const given = values.filter((value) => value !== null && value !== undefined);
  const first = given[0];
  if (Array.isArray(first)) {
    return [
      { name, repetition_type: "OPTIONAL", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      ...elementsOf("element", given.flat()),
    ];
  }
  if (typeof first === "object") {
    const structs = given as Readonly<Record<string, unknown>>[];
    const fields = [...new Set(structs.flatMap((struct) => Object.keys(struct)))];
    const inner = fields.flatMap((field) =>
      elementsOf(
        field,
        structs.map((struct) => struct[field]),
      ),
    );
    return [{ name, repetition_type: "OPTIONAL", num_children: fields.length }, ...inner];
  }
  if (typeof first === "number") return [{ name, repetition_type: "OPTIONAL", type: "DOUBLE" }];
  return [{ name, repetition_type: "OPTIONAL", type: "BYTE_ARRAY", converted_type: "UTF8" }];
}

/** The writer takes `null` for fields that are missing. */
function plain(value: unknown): unknown {
  return value === undefined ? null : value;
}
