/** @file Rules on side effects: who may print or use the process, the clock, random numbers and the network. */
import ts from "typescript";
import { lineOf, type Source, walk } from "../sources.ts";
import type { Rule } from "./rule.ts";

/** The only file below the interface layer that reads the process: environment, signals, platform, clock. */
const hostFile = "packages/tunewise/src/runtime/runtime.ts";

/** The rules on side effects; tests are exempt. */
export const effectRules: readonly Rule[] = [
  {
    name: "only cli prints",
    find: (source) => usesOf(source, isFace, (node) => isGlobal(node, ["console"])),
    bad: [
      ["packages/tunewise/src/app/a.ts", "console.log(1);\n"],
      ["packages/datacheck/src/a.ts", "console.log(1);\n"],
    ],
    good: [
      ["packages/tunewise/src/cli/print.ts", "console.log(1);\n"],
      [
        "packages/tunewise/src/app/a.ts",
        "// console.log is not used here\nexport const text = 'console.log';\n",
      ],
    ],
  },
  {
    name: "only cli and runtime/runtime.ts read the process",
    find: (source) => usesOf(source, mayReadProcess, readsProcess),
    bad: [
      ["packages/engine/src/a.ts", "const a = process.env;\n"],
      ["packages/datacheck/src/a.ts", "const a = process.env;\n"],
      ["packages/tracker/src/a.ts", 'import process from "node:process";\n'],
      ["packages/tunewise/src/app/train.ts", "process.exit(1);\n"],
      ["packages/tunewise/src/app/train.ts", "globalThis.process.exit(1);\n"],
    ],
    good: [
      ["packages/tunewise/src/cli/main.ts", "process.exitCode = 1;\n"],
      [hostFile, "export const env = process.env;\n"],
      ["packages/tunewise/src/plan/a.ts", "const process = 1;\nexport const b = a.process;\n"],
    ],
  },
  {
    name: "below app only runtime reads clock, chance or network by itself",
    find: (source) => usesOf(source, mayReadWorld, readsWorld),
    bad: [
      ["packages/engine/src/a.ts", "const a = Date.now();\n"],
      ["packages/datacheck/src/a.ts", "const a = Date.now();\n"],
      ["packages/engine/src/a.ts", "const a = new Date();\n"],
      ["packages/tunewise/src/guard/a.ts", "const a = performance.now();\n"],
      ["packages/tunewise/src/plan/a.ts", "const a = Math.random();\n"],
      ["packages/tracker/src/a.ts", "const a = randomUUID();\n"],
      ["packages/datacheck/src/dataset/a.ts", 'const a = await fetch("x");\n'],
    ],
    good: [
      ["packages/tunewise/src/app/a.ts", "const a = Date.now();\n"],
      ["packages/tracker/src/http/a.ts", "const a = performance.now();\n"],
      ["packages/tracker/src/a.ts", "const a = new Date(time);\n"],
      ["packages/tunewise/src/hub/listing.ts", "const answer = await context.fetch(url);\n"],
      [
        "packages/tunewise/src/hub/listing.ts",
        "export const f = (fetch: typeof globalThis.fetch) => fetch(url);\n",
      ],
    ],
  },
];

function usesOf(
  source: Source,
  allowed: (path: string) => boolean,
  matches: (node: ts.Node) => boolean,
): string[] {
  if (!source.isProduct || allowed(source.path)) return [];
  const found: string[] = [];
  for (const node of walk(source.tree)) {
    if (matches(node)) found.push(`${lineOf(source, node)}: ${node.getText(source.tree).slice(0, 60)}`);
  }
  return found;
}

function isFace(path: string): boolean {
  return path.startsWith("packages/tunewise/src/cli/");
}

function mayReadProcess(path: string): boolean {
  return isFace(path) || path === hostFile;
}

function mayReadWorld(path: string): boolean {
  return /^packages\/(tunewise\/src\/(cli|server|app|runtime)|tracker\/src\/(http|server))\//.test(path);
}

function readsProcess(node: ts.Node): boolean {
  if (ts.isImportDeclaration(node)) {
    return ts.isStringLiteral(node.moduleSpecifier) && /^(node:)?process$/.test(node.moduleSpecifier.text);
  }
  return isGlobal(node, ["process"]);
}

function readsWorld(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) {
    return isNamed(node.expression, "Date") && (node.arguments?.length ?? 0) === 0;
  }
  if (!ts.isCallExpression(node)) return false;
  const callee = node.expression;
  if (ts.isIdentifier(callee)) {
    return /^(fetch|randomUUID|randomBytes|randomInt)$/.test(callee.text) && !isDeclaredInside(callee);
  }
  if (!ts.isPropertyAccessExpression(callee)) return false;
  return /^(Date\.now|performance\.now|Math\.random|globalThis\.fetch)$|\.random(UUID|Bytes|Int)$/.test(
    callee.getText(),
  );
}

/** Whether a node is `name.x` or `globalThis.name`, and the file does not declare the name. */
function isGlobal(node: ts.Node, names: readonly string[]): boolean {
  if (!ts.isPropertyAccessExpression(node)) return false;
  const { expression, name } = node;
  if (isNamed(expression, "globalThis")) return names.includes(name.text);
  return ts.isIdentifier(expression) && names.includes(expression.text) && !isDeclaredInside(expression);
}

function isNamed(node: ts.Node, name: string): boolean {
  return ts.isIdentifier(node) && node.text === name;
}

/** Whether the file declares the name as a parameter or a local constant, not an import. */
function isDeclaredInside(name: ts.Identifier): boolean {
  for (const node of walk(name.getSourceFile())) {
    const binds = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node);
    if (binds && isNamed(node.name, name.text)) return true;
  }
  return false;
}
