/**
 * @file JavaScript rules: text that becomes code other than through `eval`: names, expressions, attributes, modules.
 */

import type { AssignSeen, CallSeen } from "../../engine/seen.ts";
import { isBuilt, openProperty, type Value } from "../../engine/value.ts";
import type { Rule } from "../../rule.ts";
import { comesFrom, importsOf, says, shaped, varies } from "../conditions.ts";
import { fileSays } from "../inside.ts";
import { assigns, calls, reaches, words } from "../matches.ts";

/** Functions of AngularJS that evaluate expressions, and others that run text in a page or module. */
const expressions =
  ".$apply .$applyAsync .$eval .$evalAsync .$watch .$watchCollection .$watchGroup $compile $parse $interpolate " +
  "$filter() WebAssembly.compile WebAssembly.compileStreaming WebAssembly.instantiate module.Module()._compile " +
  "module()._compile ._compile .injectJavaScript .executeJavaScript .executeScript .insertCSS .evaluateScript " +
  "chrome.tabs.executeScript browser.tabs.executeScript repl.start().eval .addInitScript .runScript";
/** Objects with access to function constructors: `window["eval"]`, `f["constructor"]`. */
const globals = /^(window|globalThis|global|self|top|parent|frames|document|Function|Reflect)$/;

/** `window[name](text)` with an untrusted name that has no constant prefix or suffix. */
function callsByName({ receiver, here, start }: CallSeen): boolean {
  if (!comesFrom(receiver, { test: (root) => root === openProperty })) return false;
  const { made } = receiver;
  if (made?.kind !== "index") return false;
  const { object } = made;
  if (object.kind !== "name") return object.kind === "member" && object.name === "prototype";
  const before = here.text.slice(0, start).slice(-4000);
  return globals.test(object.name) || before.includes(`function ${object.name}(`);
}

/** An event-handler attribute such as `onclick` is set to text, which runs as code. */
function setsHandler({ args }: CallSeen): boolean {
  const [name, value] = args;
  return (
    says(name, /^on[a-z]{3,20}$/i) && value !== undefined && value.level > 0 && value.constant === undefined
  );
}

const scripts = /(^|\.)(script\w{0,20}|\w{0,20}[sS]cript(El|Element|Tag|Node)?)$|createElement\(\)$/;

/** Text is assigned to a script element: `script.textContent = text`. */
function fillsScript({ form, object, value, here }: AssignSeen): boolean {
  const path = object?.path ?? "";
  const isScript =
    scripts.test(path) &&
    (!/createElement/.test(path) || fileSays(here, /createElement\(\s?["']script["']\s?\)/));
  return form === "attribute" && isScript && value.level > 0 && value.constant === undefined;
}

/** A function composed as text, with a value that was escaped for data or pages but not for code. */
function buildsFunction(value: Value | undefined, text: string): boolean {
  const made = value?.made;
  if (value === undefined || !isBuilt(value) || (made?.kind !== "text" && made?.kind !== "operation"))
    return false;
  if (!shaped(value, /^\s{0,9}\(?\s{0,9}(async\s)?(function\b[^{]{0,80}\{|\([\w\s,]{0,80}\)\s?=>\s?\{?)/))
    return false;
  const source = text.slice(made.start, made.end);
  return /JSON\.stringify\(|escape\w{0,10}\(/.test(source) && !/\.replace\(/.test(source);
}

/** Rules on text that becomes code. */
export const javascriptCodeRules: readonly Rule[] = [
  {
    id: "javascript/expression-from-outside",
    cwe: 94,
    title: "Code injection: untrusted input evaluated by a framework",
    severity: "high",
    why: "Framework expressions, modules and page scripts can reach everything that the program can reach.",
    fix: "Use a constant expression that reads the input as a value",
    literals: words(
      "$apply $eval $watch $compile $parse $interpolate $filter _compile WebAssembly executeJavaScript " +
        "executeScript injectJavaScript injectedJavaScript addInitScript runScript",
    ),
    match: [
      reaches("code", 2, expressions, ["*"], ({ path, args, receiver }) =>
        path === "$filter()"
          ? receiver.level === 0 && args[1]?.level === 2
          : /\$watch/.test(path) || args[0]?.level === 2,
      ),
      reaches("code", 1, ".executeJavaScript .injectJavaScript .evaluateScript", [0], ({ args: [text] }) =>
        isBuilt(text ?? ({ shape: "" } as Value)),
      ),
      assigns(
        /^(injectedJavaScript|injectedJavaScriptBeforeContentLoaded)$/,
        ({ form, value }) => form === "argument" && value.constant === undefined && value.level,
      ),
    ],
  },
  {
    id: "javascript/function-by-name",
    cwe: 94,
    title: "Code injection: function chosen by an untrusted name",
    severity: "high",
    why: "The name can be eval or constructor, which run text as code.",
    fix: "Use a map: const actions = new Map([['play', play]]); actions.get(name)?.()",
    literals: ["]("],
    match: [
      calls(".call", callsByName),
      calls("window[] globalThis[] global[] self[]", ({ receiver }) => comesFrom(receiver, /^!property$/)),
    ],
  },
  {
    id: "javascript/handler-text",
    cwe: 79,
    title: "Cross-site scripting (XSS): input in an event handler or script",
    severity: "high",
    why: "Text in an event handler attribute or a script element runs as code, even if it is escaped for HTML.",
    fix: "Use element.addEventListener('click', () => show(text))",
    literals: ["attr(", "etAttribute", "cript", "text"],
    match: [
      calls(".attr .prop .setAttribute", setsHandler),
      assigns(/^(text|textContent|innerText)$/, fillsScript),
    ],
  },
  {
    id: "javascript/code-as-text",
    cwe: 94,
    title: "Code injection: function source built from text and values",
    severity: "medium",
    why: "JSON.stringify and HTML escaping keep characters that end a script element or its line.",
    fix: "Pass the value as a function argument, or as data in an attribute",
    literals: ["stringify", "escape"],
    match: [
      { returns: ({ value, here }) => buildsFunction(value, here.text) },
      assigns(/./, ({ form, value, here }) => form === "variable" && buildsFunction(value, here.text)),
    ],
  },
  {
    id: "javascript/module-by-name",
    cwe: 706,
    title: "Module name is not constant",
    severity: "low",
    why: "An attacker who controls the name chooses which file runs.",
    fix: "List the allowed modules: const modules = { a: () => import('./a.js') }",
    literals: ["require(", "import("],
    match: [
      reaches(
        "code",
        1,
        "require import module.require",
        [0],
        ({ args: [name], here }) =>
          varies(name) &&
          name?.level === 1 &&
          !importsOf(here, /^(module|webpack|vite|rollup)$/) &&
          !isOwnModule(name),
      ),
    ],
  },
];

/** Whether a module path starts with fixed text, such as a directory of the program. */
function isOwnModule({ lead }: Value): boolean {
  return lead !== undefined && lead !== "";
}
