/** @file Every type that a signature of a sub-path mentions is exported from the same sub-path. */
import { resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { compilerOptions, subPaths } from "../../../../test/support/api-examples.ts";

const program = ts.createProgram([...subPaths().values()], compilerOptions());
const checker = program.getTypeChecker();

const symbolOf = (symbol: ts.Symbol): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** Types of parameters, results and properties as written, except those under a symbol that users have no access to. */
function mentioned(declaration: ts.Declaration): ts.Node[] {
  if (ts.isFunctionDeclaration(declaration))
    return [...declaration.parameters, declaration.type].filter((node) => node !== undefined);
  const isOurs = declaration.getSourceFile().fileName.includes("/src/api/");
  if (!ts.isInterfaceDeclaration(declaration)) return [];
  const isHidden = (member: ts.TypeElement): boolean =>
    member.name !== undefined && ts.isComputedPropertyName(member.name);
  return declaration.members.filter(
    (member) => (isOurs || ts.isMethodSignature(member)) && !isHidden(member),
  );
}

/** Names of types in a node that are neither exported nor known to everyone. */
function missing(node: ts.Node, exported: ReadonlySet<ts.Symbol>): string[] {
  if (ts.isBlock(node) || ts.isBindingName(node)) return [];
  const inner: string[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...missing(child, exported));
  });
  if (!ts.isTypeReferenceNode(node)) return inner;
  const found = checker.getSymbolAtLocation(node.typeName);
  const symbol = found && symbolOf(found);
  const isPublic =
    symbol === undefined ||
    exported.has(symbol) ||
    (symbol.flags & ts.SymbolFlags.TypeParameter) !== 0 ||
    symbol.declarations?.every((one) => one.getSourceFile().fileName.includes("/node_modules/"));
  return isPublic ? inner : [...inner, symbol.name];
}

describe.each([...subPaths()])("%s", (_, file) => {
  const source = program.getSourceFile(resolve(file)) as ts.SourceFile;
  const module = checker.getSymbolAtLocation(source) as ts.Symbol;
  const names = checker.getExportsOfModule(module).map((one) => ({ name: one.name, symbol: symbolOf(one) }));
  const exported = new Set(names.map(({ symbol }) => symbol));

  test("exports the types of its signatures", () => {
    expect(names.some(({ symbol }) => (symbol.flags & ts.SymbolFlags.Function) !== 0)).toBe(true);
    const found = names.flatMap(({ name, symbol }) =>
      (symbol.declarations ?? [])
        .flatMap(mentioned)
        .flatMap((node) => missing(node, exported))
        .map((type) => `${name}: ${type}`),
    );
    expect([...new Set(found)]).toEqual([]);
  });

  test("and the test would find one that is not", () => {
    const all = names.flatMap(({ symbol }) => (symbol.declarations ?? []).flatMap(mentioned));
    expect(all.flatMap((node) => missing(node, new Set())).length).toBeGreaterThan(2);
  });
});
