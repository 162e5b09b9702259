// The import tables of docs/ARCHITECTURE.md: imports point downward only, modules of one layer do not import each other, a
// module is entered by its index.ts, no cycles. No package imports `packages/tunewise`. Type imports count.
// `test/tidy/boundaries.test.ts` plants one violation per forbidden pair and expects exactly those to be found.
/** Where the modules of `packages/tunewise` lie. */
const product = "^packages/tunewise/src";
const layers = [
  ["problem"],
  ["recipe", "catalog", "encode"],
  ["hub", "provision"],
  ["plan", "guard", "evaluate", "retrieve", "search"],
  ["baselines"],
  ["launch", "ask"],
  ["report", "runtime"],
  ["prepare"],
  ["scoring"],
  ["executors"],
  ["app"],
  ["cli", "server", "api"],
];
// Finding models and machines, asking and searching know no recipe and no money: of the names they see only these.
const narrow = { hub: ["problem"], provision: ["problem"], ask: ["problem"], search: ["problem"] };
// Modules of the packages, and what each may import; a package's name stands for all its modules.
const modules = {
  "core/files": [],
  "core/format": [],
  "core/math": [],
  "core/quantity": [],
  "core/untrusted": [],
  "core/problem": [],
  "core/rows": ["core/problem", "core/quantity", "core/untrusted"],
  "core/run": ["core/problem", "core/quantity"],
  "engine/families": [],
  "engine/problem": ["core"],
  "engine/tokenize": ["core", "engine/problem"],
  "engine/weights": ["core", "engine/families", "engine/problem", "engine/tokenize"],
  engine: ["core", "engine/families", "engine/problem", "engine/tokenize", "engine/weights"],
  "datacheck/problem": ["core"],
  "datacheck/codescan": [],
  "datacheck/dataset": ["core", "datacheck/problem"],
  "tracker/problem": ["core"],
  tracker: ["core", "tracker/problem"],
  "tracker/http": ["core", "tracker/problem", "tracker"],
  "tracker/server": ["core", "tracker/problem", "tracker", "tracker/http"],
  datacheck: ["core", "datacheck/problem", "datacheck/codescan", "datacheck/dataset"],
};
// What names import of the packages; those that are not named import all of them.
const seen = {
  problem: ["core/problem", "engine/problem", "datacheck/problem", "tracker/problem"],
  ...Object.fromEntries(
    ["recipe", "provision", "plan", "guard", "search", "ask", "launch"].map((name) => [
      name,
      ["core"],
    ]),
  ),
  ...Object.fromEntries(
    ["evaluate", "retrieve", "baselines"].map((name) => [name, ["core", "datacheck/dataset"]]),
  ),
  catalog: ["core", "engine/families"],
  hub: ["core", "engine/tokenize", "engine/weights"],
  encode: ["core", "datacheck/dataset", "engine/tokenize"],
};
// The slices of app/, and what each may use of the others; the page's second table.
const slices = {
  prices: [],
  worker: [],
  rented: ["plan", "tracking", "train"],
  init: [],
  data: ["init"],
  demo: [],
  runs: [],
  compare: ["runs"],
  tracking: ["runs"],
  "metered-client": [],
  inference: ["runs"],
  export: ["runs"],
  verify: ["runs", "inference"],
  plan: ["prices", "runs"],
  check: ["plan"],
  train: ["runs", "plan"],
  freeze: ["prices", "tracking", "metered-client"],
  baselines: ["prices", "runs", "metered-client"],
  "pay-off": ["prices", "runs", "plan"],
  "vendor-job": ["metered-client"],
  search: ["runs", "plan", "train"],
  dashboard: ["runs", "tracking", "compare", "plan", "rented"],
  record: ["prices", "metered-client"],
};
// Of two names on one layer the first may see the second: a command starts the server.
const beside = { cli: ["server"] };
const known = layers.flat().join("|");
const forbidden = [
  { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
  {
    name: "not-to-dev",
    severity: "error",
    from: { path: "^packages/", pathNot: "\\.(test|runtime)\\.ts$" },
    to: { dependencyTypes: ["npm-dev"] },
  },
  // `node:sqlite` is missing from Node 20, where its one file falls back to the packaged driver.
  { name: "resolvable", severity: "error", from: {}, to: { couldNotResolve: true, pathNot: "^(node:)?sqlite$" } },
  {
    name: "known-modules",
    severity: "error",
    from: { path: `${product}/[^/]+/`, pathNot: `${product}/(${known})/` },
    to: { path: `${product}/` },
  },
  {
    name: "known-slices",
    severity: "error",
    from: { path: `${product}/app/[^/]+/`, pathNot: `${product}/app/(${Object.keys(slices).join("|")})/` },
    to: { path: `${product}/` },
  },
];
// The page knows the server by its OpenAPI document alone.
forbidden.push(
  { name: "web-imports-itself", severity: "error", from: { path: "^web/" }, to: { path: "^(packages|tools)/" } },
  { name: "web-is-built-alone", severity: "error", from: { path: "^packages/" }, to: { path: "^web/" } },
);
for (const [level, names] of layers.entries()) {
  for (const name of names) {
    const below = narrow[name] ?? layers.slice(0, level).flat().concat(beside[name] ?? []);
    const allowed = [name, ...below].join("|");
    forbidden.push({
      name: `${name}-imports-downward`,
      severity: "error",
      from: { path: `${product}/${name}/` },
      to: { path: `${product}/`, pathNot: `${product}/(${allowed})/` },
    });
    if (name !== "app") forbidden.push(entryRule(name));
  }
}
for (const [slice, used] of Object.entries(slices)) {
  forbidden.push(entryRule(`app/${slice}`), {
    name: `app/${slice}-imports-its-slices`,
    severity: "error",
    from: { path: `${product}/app/${slice}/` },
    to: { path: `${product}/app/[^/]+/`, pathNot: `${product}/app/(${[slice, ...used].join("|")})/` },
  });
}

/** The files of a module: those of a package itself are the ones that lie in none of its other modules. */
function pathOf(module) {
  const [name, part] = module.split("/");
  if (part !== undefined) return { path: `^packages/${name}/src/${part}/` };
  const parts = Object.keys(modules).filter((one) => one.startsWith(`${name}/`));
  return {
    path: `^packages/${name}/src/`,
    pathNot: `^packages/${name}/src/(${parts.map((one) => one.split("/")[1]).join("|")})/`,
  };
}

/** The list with `core` as all modules of it; `engine` and `datacheck` stand for themselves. */
function named(list) {
  return list.flatMap((one) =>
    one === "core" ? Object.keys(modules).filter((name) => name.startsWith("core/")) : [one],
  );
}

for (const [module, used] of Object.entries(modules)) {
  const may = [module, ...named(used)];
  for (const other of Object.keys(modules).filter((one) => !may.includes(one))) {
    forbidden.push({
      name: `${module}-imports-its-modules`,
      severity: "error",
      from: pathOf(module),
      to: pathOf(other),
    });
  }
  const { path } = pathOf(module);
  forbidden.push({
    name: `${module}-imports-nothing-of-tunewise`,
    severity: "error",
    from: pathOf(module),
    to: { path: `${product}/` },
  });
  const own = pathOf(module);
  forbidden.push({
    name: `${module}-entered-by-its-index`,
    severity: "error",
    from: { path: "^packages/", pathNot: own.path },
    to: { ...own, pathNot: [`${path}index\\.ts$`, own.pathNot].filter(Boolean) },
  });
}
for (const [name, list] of Object.entries(seen)) {
  const may = named(list);
  for (const other of Object.keys(modules).filter((one) => !may.includes(one))) {
    forbidden.push({
      name: `${name}-imports-its-packages`,
      severity: "error",
      from: { path: `${product}/${name}/` },
      to: pathOf(other),
    });
  }
}

function entryRule(name) {
  return {
    name: `${name}-entered-by-its-index`,
    severity: "error",
    from: { path: `${product}/`, pathNot: `${product}/${name}/` },
    to: { path: `${product}/${name}/`, pathNot: `${product}/${name}/index\\.ts$` },
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
