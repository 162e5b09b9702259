/**
 * @file C# snippets in the tests of security-code-scan: `VerifyCSharpDiagnostic(text)` expects no finding,
 * `VerifyCSharpDiagnostic(text, expected)` expects a weakness.
 *
 * A snippet with placeholders for data rows is filled with each of at most twelve rows, selected by hash. Tests that
 * need their own configuration are excluded, and tests whose rows do not state the verdict explicitly.
 */
import { spansOf } from "./code-units.mjs";
import { filesUnder, textOf, textsOf } from "./codeql-tests.mjs";
import { hashOf } from "./part.mjs";

const maxRows = 12;

/** Snippets with a verdict. */
export function* securityCodeScanTests(repo) {
  const messages = textOf(repo, "SecurityCodeScan/Config/Messages.yml");
  const weaknesses = new Map();
  for (const part of messages.split(/^(?=SCS\d+:)/m)) {
    const [, id, cwe] = /^(SCS\d+):[\s\S]*?^\s+cwe: (\d+)/m.exec(part) ?? [];
    if (id !== undefined) weaknesses.set(id, Number(cwe));
  }
  const paths = filesUnder(repo, "SecurityCodeScan.Test/Tests").filter(
    (path) => path.endsWith(".cs") && !/\/(?:Config|Audit|Locale)\//.test(path),
  );
  for (const [at, text] of textsOf(repo, paths).entries()) {
    const all = idsIn(text);
    for (const { node } of spansOf(text, "csharp", (kind) => kind === "method_declaration")) {
      for (const { piece, verdict, ids } of piecesOf(node, text)) {
        const named = ids.length > 0 ? ids : all;
        const cwes = named.map((id) => weaknesses.get(id)).filter((cwe) => cwe !== undefined);
        const about = { collection: "security-code-scan", path: paths[at], language: "csharp", marks: [] };
        if (cwes.length > 0) yield { ...about, rule: all.join(" "), cwes, text: piece, verdict };
      }
    }
  }
}

const idsIn = (text) => [...new Set([...text.matchAll(/"(SCS\d+)"/g)].map((one) => one[1]))];

function piecesOf(method, file) {
  const texts = new Map(
    [...method.text.matchAll(/\bvar\s+(\w+)\s*=\s*(\$@|@\$|@)"((?:[^"]|"")*)"/g)].map((one) => [
      ...[one[1], { isFilled: one[2] !== "@", body: one[3].replaceAll('""', '"') }],
    ]),
  );
  const calls = method
    .descendantsOfType("invocation_expression")
    .filter((one) => one.childForFieldName("function")?.text === "VerifyCSharpDiagnostic");
  return rowsOf(method).flatMap((row) =>
    calls.flatMap((call) => {
      const args = (call.childForFieldName("arguments")?.children ?? []).filter(
        (one) => one.type === "argument",
      );
      const body = texts.get(args[0]?.text);
      const verdict = verdictOf(args.slice(1).map((one) => one.text));
      if (body === undefined || verdict === undefined || !isReached(call, row)) return [];
      const piece = body.isFilled ? filled(body.body, row) : body.body;
      if (piece === undefined) return [];
      return [{ piece, verdict, ids: verdict ? idsOf(args[1].text, method.text, file, row) : [] }];
    }),
  );
}

/** The verdict of the arguments after the text; `undefined` if a configuration is needed or the row decides. */
function verdictOf(args) {
  if (args.some((text) => /\b(?:auditConfig|testConfig|config|options)$|AuditTest|dotNetVersion/.test(text)))
    return;
  const expected = args.find((text) => !/^options:|^optionsWithProjectConfig$/.test(text));
  if (expected === undefined || expected === "null") return false;
  return /\?|"CS\d+"/.test(expected) ? undefined : true;
}

/** Weaknesses that an argument names: in its text, in the method, in the class, or in the row. */
function idsOf(argument, method, file, row) {
  const name = /^(?:new\s*\[\]\s*\{\s*)?(\w+)/.exec(argument)?.[1] ?? "";
  if ((row.rest ?? []).length > 0) return row.rest;
  for (const text of [method, file]) {
    const at = Math.max(text.indexOf(`${name} =`), text.indexOf(`${name}\n`));
    const ids = at < 0 ? [] : idsIn(text.slice(at, text.indexOf(";", at)));
    if (ids.length > 0) return ids;
  }
  return [];
}

/** Data rows of a test, by parameter name; a single empty row for a test without data. */
function rowsOf(method) {
  const parameters = (method.childForFieldName("parameters")?.children ?? []).filter(
    (one) => one.type === "parameter",
  );
  const names = parameters.map((one) => one.childForFieldName("name")?.text ?? "");
  const hasRest = /\bparams\b/.test(method.childForFieldName("parameters")?.text ?? "");
  const rows = method
    .descendantsOfType("attribute")
    .filter((one) => one.childForFieldName("name")?.text === "DataRow")
    .map((one) => one.descendantsOfType("attribute_argument").map((arg) => literalOf(arg.text)));
  if (rows.length === 0) return names.length === 0 ? [{ values: new Map() }] : [];
  return rows
    .filter((row) => !row.includes(undefined))
    .map((row) => ({ row, hash: hashOf(row.join(" ")) }))
    .sort((a, b) => Buffer.compare(a.hash, b.hash))
    .slice(0, maxRows)
    .map(({ row }) => ({
      values: new Map(names.map((name, at) => [name, row[at]])),
      rest: hasRest
        ? row.slice(names.length - (names.at(-1) === "" ? 0 : 1)).filter((id) => /^SCS\d+$/.test(id))
        : undefined,
    }));
}

function literalOf(text) {
  if (/^(?:true|false|\d+)$/.test(text)) return text;
  if (/^@"/.test(text)) return text.slice(2, -1).replaceAll('""', '"');
  if (!text.startsWith('"')) return;
  return text.slice(1, -1).replace(/\\(.)/g, (_, one) => ({ n: "\n", r: "\r", t: "\t" })[one] ?? one);
}

/** The text with the row's values in the placeholders; `undefined` if a value is computed. */
function filled(body, { values }) {
  let isKnown = true;
  const text = body.replace(/\{\{|\}\}|\{([^{}]*)\}/g, (place, name) => {
    if (name === undefined) return place[0];
    isKnown &&= values.get(name.trim()) !== undefined;
    return values.get(name.trim()) ?? "";
  });
  return isKnown ? text : undefined;
}

/** Whether a call is reached with a row: it has no condition, or one that the row's values decide. */
function isReached(call, { values, rest }) {
  for (let node = call; node.parent !== null; node = node.parent) {
    const above = node.parent;
    if (above.type === "method_declaration") return true;
    if (above.type !== "if_statement") continue;
    const condition = above.childForFieldName("condition").text;
    const name = condition.replace(/^!|\.Any\(\)$|\.Length (?:>|!=) 0$/g, "");
    const value =
      rest !== undefined && /Any|Length/.test(condition) ? String(rest.length > 0) : values.get(name);
    if (value !== "true" && value !== "false") return false;
    const isTrue = (value === "true") !== condition.startsWith("!");
    const isThen = above.childForFieldName("consequence")?.startIndex === node.startIndex;
    if (isTrue !== isThen) return false;
  }
  return true;
}
