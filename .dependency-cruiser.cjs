// The import table of docs/ARCHITECTURE.md: imports point downward only, rooms of one layer do not meet,
// a room is entered by its index.ts, no cycles. A package of `packages/` imports nothing of `src`. Type imports count.
// `test/tidy/walls.test.ts` plants one violation per forbidden pair and expects exactly those to be found.
const layers = [
  ["math", "quantity", "problem", "untrusted", "files", "format"],
  ["run"],
  ["recipe", "catalog", "dataset"],
  ["weights"],
  ["hub", "provision"],
  ["plan", "guard", "inspect", "evaluate", "retrieve", "search"],
  ["baselines"],
  ["engine", "launch", "track", "ask"],
  ["report", "runtime"],
  ["prepare"],
  ["scoring"],
  ["executors"],
  ["app"],
  ["cli", "server", "api"],
];
// The engine and the files of models know tensors, never money or recipes; asking counts tokens, never money; a search
// knows no recipe, since it serves any trainer: they may see only these.
const words = ["math", "quantity", "problem", "untrusted", "format", "run"];
const narrow = {
  weights: [...words, "files", "dataset"],
  hub: [...words, "files", "dataset", "weights"],
  provision: [...words, "files"],
  engine: [...words, "files", "dataset", "weights"],
  ...{ ask: words, search: words },
};
// The slices of app/, and what each may use of the others; the page's second table.
const slices = {
  prices: [],
  worker: [],
  rented: ["plan", "tracking", "train"],
  init: [],
  demo: [],
  runs: [],
  compare: ["runs"],
  tracking: ["runs"],
  "metered-client": ["tracking"],
  inference: ["runs"],
  export: ["runs"],
  plan: ["prices", "runs"],
  check: ["plan"],
  train: ["runs", "tracking", "plan"],
  baselines: ["prices", "runs", "metered-client"],
  search: ["runs", "plan", "train"],
  dashboard: ["runs", "tracking", "compare", "plan", "rented"],
};
// Of two rooms on one layer the first may see the second: findings carry quantities, a command starts the server.
const beside = { problem: ["quantity"], cli: ["server"] };
// Packages of `packages/`, and the rooms that may see them.
const packages = { codescan: ["inspect"] };
const known = layers.flat().join("|");
const forbidden = [
  { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "not-to-dev",
    severity: "error",
    from: { path: "^(src|packages)/", pathNot: "\\.(test|runtime)\\.ts$" },
    to: { dependencyTypes: ["npm-dev"] },
  },
  // `node:sqlite` is missing from Node 20, where its one file falls back to the packaged driver.
  { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^(node:)?sqlite$" } },
  {
    name: "known-rooms",
    severity: "error",
    from: { path: "^src/[^/]+/", pathNot: `^src/(${known})/` },
    to: { path: "^src/" },
  },
  {
    name: "known-slices",
    severity: "error",
    from: { path: "^src/app/[^/]+/", pathNot: `^src/app/(${Object.keys(slices).join("|")})/` },
    to: { path: "^src/" },
  },
];
// The page knows the server by its OpenAPI document alone.
forbidden.push(
  { name: "web-imports-itself", severity: "error", from: { path: "^web/" }, to: { path: "^(src|packages|tools)/" } },
  { name: "web-is-built-alone", severity: "error", from: { path: "^(src|packages)/" }, to: { path: "^web/" } },
);
for (const [level, rooms] of layers.entries()) {
  for (const room of rooms) {
    const below = narrow[room] ?? layers.slice(0, level).flat().concat(beside[room] ?? []);
    const allowed = [room, ...below].join("|");
    forbidden.push({
      name: `${room}-imports-downward`,
      severity: "error",
      from: { path: `^src/${room}/` },
      to: { path: "^src/", pathNot: `^src/(${allowed})/` },
    });
    if (room !== "app") forbidden.push(doorOf(room));
  }
}
for (const [slice, used] of Object.entries(slices)) {
  forbidden.push(doorOf(`app/${slice}`), {
    name: `app/${slice}-imports-its-slices`,
    severity: "error",
    from: { path: `^src/app/${slice}/` },
    to: { path: "^src/app/[^/]+/", pathNot: `^src/app/(${[slice, ...used].join("|")})/` },
  });
}

for (const [name, rooms] of Object.entries(packages)) {
  forbidden.push(
    {
      name: `${name}-imports-nothing-of-src`,
      severity: "error",
      from: { path: `^packages/${name}/` },
      to: { path: "^src/" },
    },
    {
      name: `${name}-for-few-rooms`,
      severity: "error",
      from: { path: "^src/", pathNot: `^src/(${rooms.join("|")})/` },
      to: { path: `^packages/${name}/` },
    },
    {
      name: `${name}-by-its-door`,
      severity: "error",
      from: { path: "^src/" },
      to: { path: `^packages/${name}/`, pathNot: `^packages/${name}/src/index\\.ts$` },
    },
  );
}

function doorOf(room) {
  return {
    name: `${room}-by-its-door`,
    severity: "error",
    from: { path: "^src/", pathNot: `^src/${room}/` },
    to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.ts$` },
  };
}

module.exports = {
  forbidden,
  options: {
    // tools of development are listed by the root alone
    combinedDependencies: true,
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    exclude: { path: "^dist" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js"],
      conditionNames: ["import", "types", "node"],
      exportsFields: ["exports"],
    },
  },
};
