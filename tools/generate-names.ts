/** @file Generates `docs/reference/names.md`: the names that recipes accept, from the tables that define them. */
import { dataFormats, endingsOfFormat } from "@tunewise/core/format";
import { optimizerNames, optimizers, scheduleNames } from "@tunewise/core/run";
import { containers, namedContainers } from "@tunewise/datacheck/dataset";
import { metricKinds } from "../packages/tunewise/src/evaluate/index.ts";
import { metricNames, taskOfMetric } from "../packages/tunewise/src/recipe/index.ts";

/** Path of the page. */
export const target = "docs/reference/names.md";

/** The page: one table for each closed set of names. */
export function generate(): string {
  const sections = [
    section("Optimizers", ["name", "optimizer", "moments per trained value", "computed by"], optimizerRows()),
    section(
      "Learning rate schedules",
      ["name"],
      scheduleNames.map((name) => [code(name)]),
    ),
    section("Metrics", ["name", "metric", "task", "unit", "computed from"], metricRows()),
    section("Data formats", ["extensions", "read as"], formatRows()),
  ];
  return `${head}\n${sections.join("\n")}`;
}

const head = `<!-- Made by tools/generate-names.ts from the tables of names; change it there. -->
# Names in recipes

The names that a recipe accepts where a key has a fixed set of values.
`;

function optimizerRows(): string[][] {
  return optimizerNames.map((name) => {
    const { title, moments, momentFormat, engine } = optimizers[name];
    const size = momentFormat === "8-bit" ? `${moments} in 8 bits` : String(moments);
    return [code(name), title, size, engine === name ? "engine, worker" : "worker"];
  });
}

function metricRows(): string[][] {
  return metricNames.map((name) => {
    const { title, unit, needs } = metricKinds[name];
    return [code(name), title, taskOfMetric[name] ?? "any", unit, needs];
  });
}

function formatRows(): string[][] {
  return dataFormats.map((format) => {
    const kind = namedContainers[format];
    const endings = endingsOfFormat(format).map((ending) => code(`.${ending}`));
    return [endings.join(", "), kind === null ? "a table or JSON, by its content" : containers[kind].title];
  });
}

function code(name: string): string {
  return `\`${name}\``;
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `## ${title}\n\n${lines.join("\n")}\n`;
}
