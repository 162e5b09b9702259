/**
 * @file Renders Jinja templates like Python does, within limits. The only file that imports `@huggingface/jinja`.
 *
 * Differences from that library, each with a test: text before `break` and `continue` is kept, variables set in a loop
 * iteration do not leak into the next, `==` compares like Python, `None`, `True` and `False` print (and join with `~`)
 * like in Python, and steps and text size are limited.
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

/** The library's interpreter with its two central methods replaced. */
function pythonInterpreter(environment: Scope): Runner {
  const interpreter = new Interpreter(environment as never) as unknown as Runner;
  const evaluate = interpreter.evaluate.bind(interpreter);
  const stringOf = (text: string): Value =>
    evaluate({ type: "StringLiteral", value: text } as Node, environment);
  const loopBodies = new WeakSet<readonly Node[]>();
  const broken = new WeakMap<Scope, LoopControl>();
  let steps = 0;
  const count = sizeCounter();

  function step(node: Node | undefined, scope: Scope): Value {
    if (++steps > MAX_TEMPLATE_STEPS) throw new LimitReached(MAX_TEMPLATE_STEPS, "steps");
    if (node?.type === "Break" || node?.type === "Continue") throw new LoopControl(node);
    if (node?.type === "For") loopBodies.add((node as Node & { body: Node[] }).body);
    const value = isOwnOperation(node) ? operate(node, scope) : evaluate(node, scope);
    count(node, value);
    return value;
  }

  function operate(node: Operation, scope: Scope): Value {
    const [left, right] = [step(node.left, scope), step(node.right, scope)];
    if (node.operator.value === "~") return stringOf(printed(left) + printed(right));
    const name = isEqual(left, right) === (node.operator.value === "==") ? "true" : "false";
    return environment.lookupVariable(name);
  }

  function block(nodes: readonly Node[], scope: Scope): Value {
    const isLoopBody = loopBodies.has(nodes);
    const left = isLoopBody ? broken.get(scope) : undefined;
    // After a break, the loop requests another iteration; only then can the library's own control flow end the loop.
    if (left !== undefined) return evaluate(left.node, scope);
    const before = isLoopBody ? new Map(scope.variables) : null;
    const { text, control } = outputOf(nodes, scope);
    if (before !== null) scope.variables = before;
    if (control !== null) {
      control.text = text + control.text;
      if (!isLoopBody) throw control;
      if (control.node.type === "Break") broken.set(scope, control);
      return stringOf(control.text);
    }
    return stringOf(text);
  }

  function outputOf(nodes: readonly Node[], scope: Scope): { text: string; control: LoopControl | null } {
    let text = "";
    for (const node of nodes) {
      try {
        const value = step(node, scope);
        if (!silent.has(node.type)) text += printed(value);
      } catch (error) {
        if (error instanceof LoopControl) return { text, control: error };
        throw error;
      }
    }
    return { text, control: null };
  }

  return Object.assign(interpreter, { evaluate: step, evaluateBlock: block });
}

/** Statements that print nothing. */
const silent: ReadonlySet<string> = new Set(["Set", "Macro", "Comment"]);

function printed(value: Value): string {
  if (value.type === "UndefinedValue") return "";
  if (value.type === "NullValue") return "None";
  if (value.type === "BooleanValue") return value.value ? "True" : "False";
  return String(value);
}

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

const ownOperators: ReadonlySet<string> = new Set(["==", "!=", "~"]);

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
