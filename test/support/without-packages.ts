/** @file For child processes: simulates missing optional packages. */

/** A Node flag that makes imports of these packages fail as if they were not installed. */
export function withoutPackages(...names: readonly string[]): string {
  const hooks = `const gone = ${JSON.stringify(names)};
export async function resolve(specifier, context, next) {
  if (!gone.some((name) => specifier === name || specifier.startsWith(name + "/"))) return next(specifier, context);
  const error = new Error("Cannot find package '" + specifier + "'");
  throw Object.assign(error, { code: "ERR_MODULE_NOT_FOUND" });
}`;
  const register = `import { register } from "node:module";\nregister(${JSON.stringify(moduleOf(hooks))});`;
  return `--import=${moduleOf(register)}`;
}

function moduleOf(code: string): string {
  return `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`;
}
