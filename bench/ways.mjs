/**
 * @file Runs variants of one recipe with several seeds, for `tunewise compare`.
 *
 *     npm run build && node bench/ways.mjs RECIPE.yaml --seeds 17,18,19 WAY...
 *
 * A WAY is a change to the recipe as one line of YAML: "method: { kind: qlora }". The copies and their runs are written
 * beside the recipe. Completed combinations of a WAY and a seed are not run again.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse, stringify } from "yaml";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "17,18,19" },
    output: { type: "string", default: ".tunewise" },
  },
});
const [path = "tunewise.yaml", ...ways] = positionals;
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = dirname(path);
const recipe = parse(readFileSync(path, "utf8"));
const tunewise = (...words) =>
  spawnSync(process.execPath, [main, ...words], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 28 });

for (const seed of values.seeds.split(",").map(Number)) {
  for (const [at, way] of ways.entries()) {
    const name = `${recipe.name ?? basename(path, ".yaml")}-${at}-${seed}`;
    const known = JSON.parse(tunewise("runs", "--json").stdout).runs ?? [];
    if (known.some((run) => run.name === name && run.status === "completed")) continue;
    const copy = join(folder, `${name}.yaml`);
    const changed = merged(recipe, parse(way));
    writeFileSync(copy, stringify({ ...changed, name, training: { ...changed.training, seed } }));
    const start = performance.now();
    const { status, stderr } = tunewise("run", `${name}.yaml`, "--yes", "--quiet");
    console.log(`${name} ${way}: ${((performance.now() - start) / 1000).toFixed(0)} s, exit code ${status}`);
    if (status !== 0) console.error(stderr.slice(-2000));
  }
}
console.log(tunewise("compare", "--format", "markdown").stdout);

function merged(base, change) {
  const isSection = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const all = { ...base };
  for (const [key, value] of Object.entries(change ?? {})) {
    all[key] = isSection(value) && isSection(base[key]) ? merged(base[key], value) : value;
  }
  return all;
}
