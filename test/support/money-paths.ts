/** @file Finds money in types: the paths of all values in micro-dollars, by the compiler. */
import { resolve } from "node:path";
import ts from "typescript";

/** A program over the files of types, and its checker. */
export function openTypes(files: readonly string[]): ts.Program {
  const { config } = ts.readConfigFile("tsconfig.json", ts.sys.readFile) as {
    config: { compilerOptions: Record<string, unknown> };
  };
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ".");
  return ts.createProgram(
    files.map((file) => resolve(file)),
    { ...options, noEmit: true },
  );
}

/** Names of properties in micro-dollars whose type is a plain number. */
const microName = /(^m|M|_m)icro(Usd|_usd)$/;

/** Paths below a type, such as `places[].usd.low`. Sets and maps are not entered. */
export function moneyPaths(program: ts.Program, file: string, name: string): string[] {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(resolve(file));
  const module = source && checker.getSymbolAtLocation(source);
  const exported = module && checker.getExportsOfModule(module).find((one) => one.name === name);
  if (exported === undefined) throw new Error(`${file} does not export ${name}`);
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  const found = new Set<string>();
  const walk = (type: ts.Type, path: string, above: readonly ts.Type[]): void => {
    if (above.includes(type) || above.length > 12) return;
    const inside = [...above, type];
    if (type.isUnion()) for (const part of type.types) walk(part, path, inside);
    else if (checker.typeToString(type) === "Usd") found.add(path);
    else if (checker.isArrayType(type) || checker.isTupleType(type))
      for (const item of checker.getTypeArguments(type as ts.TypeReference)) walk(item, `${path}[]`, inside);
    else if (isPlainObject(type))
      for (const property of checker.getPropertiesOfType(type)) {
        const inner = path === "" ? property.name : `${path}.${property.name}`;
        if (microName.test(property.name)) found.add(inner);
        else walk(checker.getTypeOfSymbol(property), inner, inside);
      }
  };
  walk(checker.getDeclaredTypeOfSymbol(symbol), "", []);
  return [...found].sort();
}

/** Whether a type is an object with properties of its own: no function, and no class or interface of the language. */
function isPlainObject(type: ts.Type): boolean {
  if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0) return false;
  if (type.getCallSignatures().length > 0) return false;
  const named = (type.symbol?.flags ?? 0) & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class);
  const files = type.symbol?.declarations?.map((one) => one.getSourceFile().fileName) ?? [];
  return named === 0 || !files.some((file) => file.includes("/node_modules/"));
}
