/**
 * @file Renders Jinja templates like Python does, within limits. The only file that imports `@huggingface/jinja`.
 *
 * Differences from that library, each with a test: text before `break` and `continue` is kept, variables set in a loop
 * iteration do not leak into the next, `==` compares like Python, `None`, `True` and `False` print (and join with `~`)
 * like in Python, text filters take any value and list filters and loops take texts, and steps and text size are
 * limited.
 */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { problem } from "../problem/index.ts";

/** Max. length of a template in characters; the longest in use have about 20,000. */
export const MAX_TEMPLATE_LENGTH: number = 2 ** 20;
/** Max. steps of a rendering, a few seconds of work; a long conversation takes tens of thousands. */
const MAX_TEMPLATE_STEPS = 1_000_000;
/** Max. length of the rendered text in UTF-16 units. */
const MAX_RENDERED_LENGTH: number = 64 * 2 ** 20;
/** Max. total characters produced by filters, calls and slices; a list item counts several. */
const MAX_MADE: number = 256 * 2 ** 20;
const UNITS_OF_ITEM = 64;
/** Smaller values are not counted; the step limit bounds them. */
const SMALL = 256;
/** Max. length of a text value, since filters may split it into characters; a field of a row has at most 8 Mi. */
const MAX_VALUE_LENGTH: number = 9 * 2 ** 20;
/** Max. length of a `range`, as in Jinja's sandbox. */
const MAX_RANGE = 100_000;

/** A node of a parsed template; the library's own types do not resolve under `nodenext`. */
interface Node {
  readonly type: string;
}

/** A parsed template. */
type JinjaTemplate = Node;

interface Value {
  readonly type: string;
  readonly value: unknown;
}

interface Scope {
  variables: Map<string, Value>;
  set(name: string, value: unknown): Value;
  lookupVariable(name: string): Value;
}

interface Runner {
  run(template: JinjaTemplate): Value;
  evaluate(node: Node | undefined, scope: Scope): Value;
  applyFilter(operand: Value, filter: Node, scope: Scope): Value;
}

/**
 * Parses a template with the options `transformers` uses.
 *
 * @throws {TunewiseError} `TEMPLATE_INVALID`, `TEMPLATE_LIMIT`
 */
export function parseTemplate(source: string): JinjaTemplate {
  if (source.length > MAX_TEMPLATE_LENGTH) {
    throw problem("TEMPLATE_LIMIT", { limit: MAX_TEMPLATE_LENGTH, what: "characters" });
  }
  try {
    return parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })) as JinjaTemplate;
  } catch (cause) {
    throw problem("TEMPLATE_INVALID", { reason: reasonOf(cause) }, { cause });
  }
}

/**
 * Renders a template with the given variables and functions.
 *
 * @throws {TunewiseError} `TEMPLATE_FAILED` if the template raises or fails, `TEMPLATE_LIMIT`
 */
export function runTemplate(template: JinjaTemplate, variables: ReadonlyMap<string, unknown>): string {
  const environment = new Environment() as unknown as Scope;
  for (const [name, value] of [...constants, ...variables]) environment.set(name, value);
  try {
    return String(pythonInterpreter(environment).run(template).value);
  } catch (cause) {
    if (cause instanceof LimitReached) throw problem("TEMPLATE_LIMIT", cause.params);
    throw problem("TEMPLATE_FAILED", { reason: reasonOf(cause) }, { cause });
  }
}

function reasonOf(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).slice(0, 300);
}

class LimitReached extends Error {
  readonly params: { readonly limit: number; readonly what: string };
  constructor(limit: number, what: string) {
    super(what);
    this.params = { limit, what };
  }
}

/** A `break` or `continue` propagating to its loop, with the text produced before it. */
class LoopControl extends Error {
  readonly node: Node;
  text = "";
  constructor(node: Node) {
    super(node.type);
    this.node = node;
  }
}

const constants: readonly [string, unknown][] = [
  ["true", true],
  ["false", false],
  ["none", null],
  ["True", true],
  ["False", false],
  ["None", null],
  ["range", boundedRange],
  [
    "raise_exception",
    (message: unknown): never => {
      throw new Error(String(message));
    },
  ],
];

function boundedRange(first: number, second?: number, step = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw new Error("range() step must not be zero");
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (!(length <= MAX_RANGE)) throw new LimitReached(MAX_RANGE, "items in a range");
  return Array.from({ length }, (_, index) => start + index * step);
}

/** Expressions that copy their operands, and those that may lengthen them. */
const copying: ReadonlySet<string> = new Set(["FilterExpression", "CallExpression", "MemberExpression"]);
const joining: ReadonlySet<string> = new Set(["FilterExpression", "CallExpression", "BinaryExpression"]);

/** The library's interpreter with its central methods replaced by those of `PythonRules`. */
function pythonInterpreter(environment: Scope): Runner {
  const interpreter = new Interpreter(environment as never) as unknown as Runner;
  const rules = new PythonRules(interpreter, environment);
  return Object.assign(interpreter, {
    evaluate: rules.evaluate.bind(rules),
    evaluateBlock: rules.evaluateBlock.bind(rules),
    applyFilter: rules.applyFilter.bind(rules),
  });
}

/** Evaluates nodes like Python, within limits, and leaves everything else to the library. */
class PythonRules {
  readonly #environment: Scope;
  readonly #evaluate: Runner["evaluate"];
  readonly #filter: Runner["applyFilter"];
  /** Nodes whose value a loop iterates over, and whose value has a member asked of it. */
  readonly #iterables = new WeakSet<Node>();
  readonly #objects = new WeakSet<Node>();
  readonly #loopBodies = new WeakSet<readonly Node[]>();
  readonly #broken = new WeakMap<Scope, LoopControl>();
  readonly #count = sizeCounter();
  #steps = 0;

  constructor(interpreter: Runner, environment: Scope) {
    this.#environment = environment;
    this.#evaluate = interpreter.evaluate.bind(interpreter);
    this.#filter = interpreter.applyFilter.bind(interpreter);
  }

  evaluate(node: Node | undefined, scope: Scope): Value {
    if (++this.#steps > MAX_TEMPLATE_STEPS) throw new LimitReached(MAX_TEMPLATE_STEPS, "steps");
    if (node === undefined) return this.#evaluate(node, scope);
    if (node.type === "Break" || node.type === "Continue") throw new LoopControl(node);
    if (isMember(node)) this.#objects.add(node.object);
    if (isLoop(node)) {
      this.#loopBodies.add(node.body);
      this.#iterables.add(node.iterable.lhs ?? node.iterable);
    }
    const value = this.#valueOf(node, scope);
    this.#count(node, value);
    if (value.type === "StringValue" && this.#iterables.has(node))
      return this.#charactersOf(String(value.value));
    // in Python, a loop over an undefined value is empty
    if (value.type === "UndefinedValue" && this.#iterables.has(node)) return this.#charactersOf("");
    if (value.type === "UndefinedValue" && this.#objects.has(node))
      throw new Error("an undefined value has no members");
    return value;
  }

  #valueOf(node: Node, scope: Scope): Value {
    if (isEvaluated(node)) return node.result;
    if (isOwnOperation(node)) return this.#operate(node, scope);
    const side = isMethodCall(node) ? strips[String(node.callee.property.value)] : undefined;
    if (side === undefined) return this.#evaluate(node, scope);
    const { callee, args } = node as MethodCall;
    this.#objects.add(callee.object);
    const object = this.evaluate(callee.object, scope);
    if (object.type !== "StringValue") throw new Error(`${object.type} has no ${callee.property.value}`);
    const [characters] = args.map((argument) => this.evaluate(argument, scope).value);
    return this.#text(stripped(String(object.value), side, characters));
  }

  #operate(node: Operation, scope: Scope): Value {
    const [left, right] = [this.evaluate(node.left, scope), this.evaluate(node.right, scope)];
    if (node.operator.value === "~") return this.#text(printed(left) + printed(right));
    if (node.operator.value !== "+") {
      const name = isEqual(left, right) === (node.operator.value === "==") ? "true" : "false";
      return this.#environment.lookupVariable(name);
    }
    if ((left.type === "StringValue") !== (right.type === "StringValue"))
      throw new Error(`can only concatenate text to text, not ${left.type} to ${right.type}`);
    return this.#evaluate({ ...node, left: evaluated(left), right: evaluated(right) } as Node, scope);
  }

  applyFilter(operand: Value, filter: Node, scope: Scope): Value {
    const name = filterName(filter);
    if (listFilters.has(name) && operand.type === "StringValue") {
      const hasAttributes = name === "selectattr"; // characters have none
      return this.#filter(this.#charactersOf(hasAttributes ? "" : String(operand.value)), filter, scope);
    }
    const isText = !textFilters.has(name) || operand.type === "StringValue";
    return this.#filter(isText ? operand : this.#text(printed(operand)), filter, scope);
  }

  evaluateBlock(nodes: readonly Node[], scope: Scope): Value {
    const isLoopBody = this.#loopBodies.has(nodes);
    const left = isLoopBody ? this.#broken.get(scope) : undefined;
    // After a break, the loop requests another iteration; only then can the library's own control flow end the loop.
    if (left !== undefined) return this.#evaluate(left.node, scope);
    const before = isLoopBody ? new Map(scope.variables) : null;
    const { text, control } = this.#outputOf(nodes, scope);
    if (before !== null) scope.variables = before;
    if (control === null) return this.#text(text);
    control.text = text + control.text;
    if (!isLoopBody) throw control;
    if (control.node.type === "Break") this.#broken.set(scope, control);
    return this.#text(control.text);
  }

  #outputOf(nodes: readonly Node[], scope: Scope): { text: string; control: LoopControl | null } {
    let text = "";
    for (const node of nodes) {
      try {
        const value = this.evaluate(node, scope);
        if (!silent.has(node.type)) text += printed(value);
      } catch (error) {
        if (error instanceof LoopControl) return { text, control: error };
        throw error;
      }
    }
    return { text, control: null };
  }

  #text(value: string): Value {
    return this.#evaluate({ type: "StringLiteral", value } as Node, this.#environment);
  }

  #charactersOf(text: string): Value {
    const value = [...text].map((one) => ({ type: "StringLiteral", value: one }));
    return this.#evaluate({ type: "ArrayLiteral", value } as Node, this.#environment);
  }
}

/** A node in place of one that was evaluated, whose evaluation may have effects. */
interface Evaluated extends Node {
  readonly result: Value;
}

function evaluated(result: Value): Evaluated {
  return { type: "Evaluated", result };
}

function isEvaluated(node: Node | undefined): node is Evaluated {
  return node?.type === "Evaluated";
}

interface Member extends Node {
  readonly object: Node;
  readonly property: Node & { readonly value?: unknown };
  readonly computed: boolean;
}

function isMember(node: Node | undefined): node is Member {
  return node?.type === "MemberExpression";
}

interface MethodCall extends Node {
  readonly callee: Member;
  readonly args: readonly Node[];
}

function isMethodCall(node: (Node & { readonly callee?: Node }) | undefined): node is MethodCall {
  return node?.type === "CallExpression" && isMember(node.callee) && !node.callee.computed;
}

/** Methods of texts that remove characters, and from which ends. */
const strips: Readonly<Record<string, "both" | "start" | "end">> = {
  strip: "both",
  lstrip: "start",
  rstrip: "end",
};

/** Separators that Python counts as white space and JavaScript does not. */
const separators: ReadonlySet<string> = new Set("\x1c\x1d\x1e\x1f\x85");

function isSpace(character: string): boolean {
  return (/\s/.test(character) && character !== "\ufeff") || separators.has(character);
}

/** Removes the given characters, by default white space, as Python's `strip`, `lstrip` and `rstrip` do. */
function stripped(text: string, side: "both" | "start" | "end", characters: unknown): string {
  const all = [...text];
  const removed = typeof characters === "string" ? new Set(characters) : null;
  const isRemoved = (one: string): boolean => removed?.has(one) ?? isSpace(one);
  const start = side === "end" ? 0 : all.findIndex((one) => !isRemoved(one));
  if (start < 0) return "";
  const end = side === "start" ? all.length : all.findLastIndex((one) => !isRemoved(one)) + 1;
  return all.slice(start, end).join("");
}

/** Filters that turn any value into text first, and filters that iterate over the characters of a text. */
const textFilters: ReadonlySet<string> = new Set(
  "string upper lower trim title capitalize replace".split(" "),
);
const listFilters: ReadonlySet<string> = new Set("selectattr select reject map".split(" "));

/** A filter is its name, or a call of it. */
function filterName(filter: Node & { readonly value?: unknown; readonly callee?: Node }): string {
  return String((filter.callee as typeof filter | undefined)?.value ?? filter.value);
}

interface Loop extends Node {
  readonly body: readonly Node[];
  /** With `lhs`: a selection of its items. */
  readonly iterable: Node & { readonly lhs?: Node };
}

function isLoop(node: Node | undefined): node is Loop {
  return node?.type === "For";
}

/** Statements that print nothing. */
const silent: ReadonlySet<string> = new Set(["Set", "Macro", "Comment"]);

/** The value as Python's `str` prints it. */
function printed(value: Value): string {
  if (value.type === "UndefinedValue") return "";
  if (value.type === "NullValue") return "None";
  if (value.type === "BooleanValue") return value.value ? "True" : "False";
  if (Array.isArray(value.value)) return `[${value.value.map(represented).join(", ")}]`;
  if (!isMapping(value)) return String(value);
  return `{${[...value.value].map(([key, item]) => `${quoted(key)}: ${represented(item)}`).join(", ")}}`;
}

function isMapping(value: Value): value is Value & { readonly value: ReadonlyMap<string, Value> } {
  return value.type === "ObjectValue" && value.value instanceof Map;
}

/** The value as Python's `repr` prints it. */
function represented(value: Value): string {
  return value.type === "StringValue" ? quoted(String(value.value)) : printed(value);
}

/** Double quotes only if the text has single ones and no double ones. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (one) => escapes[one] ?? one);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Limits the size of each expression's value, and the total size of those that copy their operands. */
function sizeCounter(): (node: Node | undefined, value: Value) => void {
  let made = 0;
  return (node, { value }) => {
    const length =
      typeof value === "string" ? value.length : Array.isArray(value) ? UNITS_OF_ITEM * value.length : 0;
    if (length <= SMALL) return;
    const kind = node?.type ?? "";
    const max = joining.has(kind) ? MAX_VALUE_LENGTH : MAX_RENDERED_LENGTH;
    if (typeof value === "string" && value.length > max) throw new LimitReached(max, "characters of text");
    if (!copying.has(kind)) return;
    made += length;
    if (made > MAX_MADE) throw new LimitReached(MAX_MADE, "characters made by filters and calls");
  };
}

interface Operation extends Node {
  readonly left: Node;
  readonly right: Node;
  readonly operator: { readonly value: string };
}

const ownOperators: ReadonlySet<string> = new Set(["==", "!=", "~", "+"]);

function isOwnOperation(node: Node | undefined): node is Operation {
  return node?.type === "BinaryExpression" && ownOperators.has((node as Operation).operator.value);
}

const numbers: ReadonlySet<string> = new Set(["IntegerValue", "FloatValue", "BooleanValue"]);

/**
 * Python's `==`: numbers and booleans by value, lists and mappings item by item; values of other types are never equal
 * across types.
 */
function isEqual(a: Value, b: Value): boolean {
  if (numbers.has(a.type) && numbers.has(b.type)) return Number(a.value) === Number(b.value);
  if (a.type !== b.type) return false;
  if (Array.isArray(a.value) && Array.isArray(b.value)) {
    const items: readonly Value[] = a.value;
    const others: readonly Value[] = b.value;
    return items.length === others.length && items.every((item, i) => isEqual(item, others[i] as Value));
  }
  if (a.value instanceof Map && b.value instanceof Map) {
    const others = b.value as ReadonlyMap<string, Value>;
    const entries = [...(a.value as ReadonlyMap<string, Value>)];
    return (
      entries.length === others.size &&
      entries.every(([key, item]) => {
        const other = others.get(key);
        return other !== undefined && isEqual(item, other);
      })
    );
  }
  return a.value === b.value;
}
