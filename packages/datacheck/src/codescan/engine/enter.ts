/** @file Walks a function's body with its own variables. Its parameters may be attacker-controlled. */
import { evaluate } from "./evaluate.ts";
import { assign, perform } from "./perform.ts";
import type { FunctionMade, Parameter } from "./syntax.ts";
import { declaredAs } from "./types.ts";
import { either, type Level, openProperty, unknown, type Value } from "./value.ts";
import { type Known, keyOf, makes, type Variables, type Walk } from "./walk.ts";

/**
 * Walks a function's body and returns its result. Assignments to fields such as `self.x` persist; other variables are
 * restored.
 */
export function enter(
  walk: Walk,
  made: FunctionMade,
  given: readonly (Value | undefined)[] = [],
): Value | undefined {
  if (walk.steps-- <= 0) return undefined;
  const { variables, here, gives, waiting, loops, looping, ended } = walk;
  const marks = made.marks.map((mark) => evaluate(walk, mark).path);
  const answers = marks.some((mark) => walk.language.answers.test(mark));
  walk.here = { ...here, inside: made, answers: answers || takesRequest(walk, made) };
  walk.variables = new Map(variables);
  walk.waiting = [];
  walk.loops = 0;
  walk.looping = new Set();
  walk.ended = false;
  walk.gives = undefined;
  const { start, end } = made;
  walk.tell({ kind: "function", made, marks, here: walk.here, start, end });
  for (const [position, parameter] of made.parameters.entries())
    take(walk, made, parameter, { position, answers, value: given[position] });
  perform(walk, made.body);
  walk.ended = false;
  for (const inner of walk.waiting) walk.enter(walk, inner);
  remember(walk, made, variables);
  keepFields(walk, made, variables);
  const result = walk.gives;
  Object.assign(walk, { variables, here, gives, waiting, loops, looping, ended });
  return result;
}

/** In `stream.on("data", (chunk) => { body += chunk })` the callback taints a variable of the enclosing scope. */
function isPoured(
  walk: Walk,
  { parameters }: FunctionMade,
  before: Value | undefined,
  key: string,
  now: Value,
): boolean {
  if (walk.language.hands === undefined || before === undefined || now.level <= before.level) return false;
  return !parameters.some(({ name, pattern }) => name === key || pattern !== undefined);
}

/** Keeps the body's assignments to fields after the function ends. */
function keepFields(walk: Walk, made: FunctionMade, variables: Variables): void {
  const { language, variables: inside } = walk;
  const own = `${language.self}.`;
  for (const [key, value] of inside) {
    const isOwn = key.startsWith(own);
    if (isOwn || isPoured(walk, made, variables.get(key), key, value)) variables.set(key, value);
    if (!language.bareFields) continue;
    const name = isOwn ? key.slice(own.length) : key;
    const before = variables.get(name);
    const isParameter = !isOwn && made.parameters.some((one) => one.name === name);
    if (before === undefined || isParameter) continue;
    // what a test proves about a field holds only within this method
    const isSame = before.made === value.made && before.level === value.level && before.set === value.set;
    if (!isSame) variables.set(name, value);
  }
}

function takesRequest({ language }: Walk, { parameters }: FunctionMade): boolean {
  return parameters.some(({ name, type }) => language.request.test(name) || language.request.test(type));
}

/** How a parameter is passed. */
interface Place {
  readonly position: number;
  /** The function handles requests. */
  readonly answers: boolean;
  /** The argument, if it is known. */
  readonly value: Value | undefined;
}

function take(walk: Walk, made: FunctionMade, parameter: Parameter, place: Place): void {
  const { name, standard, pattern } = parameter;
  const value = place.value ?? declaredAs(walk, parameterValue(walk, made, parameter, place), parameter.type);
  if (standard !== undefined) {
    const span = { start: standard.start, end: standard.end };
    const about = { kind: "assign", form: "standard", path: name, name, here: walk.here } as const;
    walk.tell({ ...about, value: evaluate(walk, standard), ...span });
  }
  if (pattern === undefined) walk.variables.set(name, value);
  else assign(walk, pattern, value, pattern);
}

function parameterValue(
  walk: Walk,
  made: FunctionMade,
  { name, type, standard }: Parameter,
  { position, answers }: Place,
): Value {
  const { language } = walk;
  const { name: owner, method } = made;
  const handed = handedTo(walk, owner, position - (method ? 1 : 0));
  if (language.hands !== undefined && handed !== undefined && isTold(handed)) {
    const { level, clean, path } = handed;
    return { ...unknown, level, clean, path, roots: level === 0 ? [] : [name] };
  }
  if (language.request.test(name) || (type !== "" && language.request.test(type)))
    return { ...unknown, path: "request" };
  // a harmless name proves nothing if a call passes a tainted value
  const isTrusted = language.trusted.test(name) && handed?.level !== 2;
  if (name === language.self || name === "cls" || isTrusted) return { ...unknown, path: name };
  // frameworks convert the arguments of request handlers; otherwise unenforced types check nothing
  if (type !== "" && language.plainTypes.test(type))
    return answers || !unenforced.test(language.name) ? { ...unknown, plain: true } : unknown;
  if (answers && language.converts?.(routesOf(walk, made), name)) return { ...unknown, plain: true };
  if (standard?.kind === "constant" && standard.value !== null) return unknown;
  if (standard?.kind === "call" && /^(Depends|Security|inject)$/.test(keyOf(standard.callee) ?? ""))
    return unknown;
  // only code in this file calls such a function, so all arguments are known
  if (!answers && language.ownName?.test(owner) && handed !== undefined && handed.level < 2)
    return handed.level === 0
      ? { ...unknown, ...(handed.plain ? { plain: true } : {}) }
      : { ...unknown, level: 1, clean: handed.clean, roots: [name] };
  const isOutside = answers || language.outside?.test(name) === true;
  const level: Level = isOutside || handed?.level === 2 ? 2 : 1;
  return { ...unknown, level, roots: [name], clean: !answers && handed?.level === 2 ? handed.clean : 0 };
}

/** The source of a function's decorators, which contain its routes. */
function routesOf({ text }: Walk, { marks }: FunctionMade): string {
  return marks.map(({ start, end }) => text.slice(start, Math.min(end, start + 500))).join("\n");
}

/** Languages that do not enforce type annotations at run time. */
const unenforced = /^(python|javascript|typescript|tsx)$/;
const constructs = /^(__init__|constructor|__construct)$/;

/** The most tainted argument at a position, among calls by the bare name and calls on the object. */
function handedTo({ known, owner }: Walk, name: string, position: number): Value | undefined {
  const bare = known.get(name)?.given[position];
  // `new A(text)` calls the constructor by the name of its class
  const names = owner === "" ? [] : [`${owner}.${name}`, ...(constructs.test(name) ? [owner] : [])];
  return names
    .map((one) => known.get(one)?.given[position])
    .reduce(
      (worst, own) => (own !== undefined && (worst === undefined || own.level > worst.level) ? own : worst),
      bare,
    );
}

/** Whether the known arguments of a function say more than the parameter's name. */
function isTold({ level, path }: Value): boolean {
  return level === 2 || path === "request" || path === "response";
}

/** Records a function's result for callers that use its name. */
function remember(walk: Walk, made: FunctionMade, scope: Variables): void {
  const { owner, language } = walk;
  const { name, parameters } = made;
  if (name === "") return;
  const names = owner === "" ? [name] : [name, `${owner}.${name}`, ...(makes(owner, made) ? [owner] : [])];
  for (const one of new Set(names)) {
    const known: Known = walk.known.get(one) ?? { given: [], isMaker: one === owner };
    if (walk.gives !== undefined) {
      const { made: _, ...gives } = known.gives === undefined ? walk.gives : either(known.gives, walk.gives);
      const own = new Set(parameters.map((parameter) => parameter.name));
      // as tainted as the arguments, which differ from call to call
      const isOwn =
        gives.roots.length > 0 && gives.roots.every((root) => own.has(root) || root === openProperty);
      known.gives =
        language.hands !== undefined && isOwn && gives.level === 2 ? { ...gives, level: 1 } : gives;
    }
    if (known.made !== undefined && known.made !== made) known.isSeveral = true;
    Object.assign(known, { made, scope });
    walk.known.set(one, known);
  }
}
