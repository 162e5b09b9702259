/** @file Lowers C#'s classes to the common syntax: methods, properties, and which methods handle requests. */
import type { Expr, FunctionMade, Parameter, Statement } from "../engine/syntax.ts";
import { behind, type Node, part, sourceOf } from "../engine/tree.ts";
import { isObjectType, isToolType, simpleType } from "./csharp-names.ts";
import { attributesOf, csharpParameters } from "./csharp-tree.ts";
import { declared, variable } from "./csharp-variables.ts";
import {
  assignAt,
  callAt,
  child,
  codeOf,
  type Lowering,
  lowerAll,
  lowerBlock,
  lowerExpression,
  nameAt,
} from "./make.ts";

const classes = /^(class|struct|interface|record|record_struct)_declaration$/;
const actions = /^(Base)?(\w{0,40}Controller(Base)?|Hub|PageModel|WebService|ControllerBase)$/;

/** Whether a node kind is a class, struct, record or similar. */
export function isClass(kind: string): boolean {
  return classes.test(kind);
}

/** Lowers a class. Names of its fields refer to the object while its body is lowered. */
export function classOf(at: Lowering, node: Node): Statement[] {
  const { start, end } = node;
  const name = part(node, "identifier");
  const word = name === undefined ? "" : sourceOf(at.tree, name);
  const bases = codeOf(child(node, "base_list"));
  const types = bases.map((one) => simpleType(sourceOf(at.tree, one)));
  const attributes = attributesOf(at, node);
  const body = part(node, "declaration_list");
  const before = [...at.noted].filter((note) => note.startsWith("field ") || note === "!actions");
  for (const note of before) at.noted.delete(note);
  for (const field of fieldsOf(at, body)) at.noted.add(`field ${field}`);
  const answers = attributes.some((one) =>
    /^(ApiController|WebService|ServiceContract)$/.test(nameOfMark(one)),
  );
  if (answers || types.some((type) => actions.test(type))) at.noted.add("!actions");
  const marks = attributes.map(
    (value): Statement => ({ kind: "do", value, start: value.start, end: value.end }),
  );
  const inside = lowerBlock(at, body);
  for (const note of [...at.noted])
    if (note.startsWith("field ") || note === "!actions") at.noted.delete(note);
  for (const note of before) at.noted.add(note);
  return [
    ...marks,
    { kind: "class", name: word, bases: types.map((type) => nameAt(node, type)), body: inside, start, end },
  ];
}

function nameOfMark(mark: Expr): string {
  const callee = mark.kind === "call" ? mark.callee : mark;
  return callee.kind === "name" ? callee.name : "";
}

function fieldsOf(at: Lowering, body: Node | undefined): string[] {
  return (body === undefined ? [] : codeOf(body)).flatMap((member) => {
    if (member.kind === "property_declaration") {
      const name = propertyName(member);
      return name === undefined ? [] : [sourceOf(at.tree, name)];
    }
    if (member.kind !== "field_declaration") return [];
    return codeOf(child(member, "variable_declaration"))
      .filter(({ kind }) => kind === "variable_declarator")
      .flatMap((one) => codeOf(one).slice(0, 1))
      .map((name) => sourceOf(at.tree, name));
  });
}

function propertyName(node: Node): Node | undefined {
  const at = node.children.findIndex(
    ({ kind }) => kind === "accessor_list" || kind === "arrow_expression_clause",
  );
  return node.children.slice(0, at < 0 ? undefined : at).findLast(({ kind }) => kind === "identifier");
}

/** Lowers a member of a class; `undefined` for any other node. */
export function memberOf(at: Lowering, node: Node): Statement[] | undefined {
  const { start, end, kind } = node;
  switch (kind) {
    case "field_declaration":
      return declared(at, part(node, "variable_declaration"));
    case "property_declaration":
    case "indexer_declaration":
      return property(at, node);
    case "method_declaration":
    case "constructor_declaration":
    case "destructor_declaration":
    case "operator_declaration":
    case "conversion_operator_declaration":
      return [{ kind: "function", made: functionOf(at, node), start, end }];
    case "enum_declaration":
    case "delegate_declaration":
    case "event_field_declaration":
    case "event_declaration":
      return [];
    default:
      return undefined;
  }
}

/** Lowers a property: its initial or computed value. Accessors with bodies become functions. */
function property(at: Lowering, node: Node): Statement[] {
  const { start } = node;
  const name = propertyName(node);
  const inner = codeOf(node);
  const typed = inner.find((one) => one !== name && one.kind !== "attribute_list" && one.kind !== "modifier");
  const type = typed === undefined ? "" : simpleType(sourceOf(at.tree, typed));
  if (name === undefined) return accessorsOf(at, node, "this");
  const value = givenAlways(node) ?? behind(node, "=");
  const isBound = attributesOf(at, node).some((one) =>
    /^(BindProperty|FromQuery|FromForm|FromRoute|FromBody|Parameter|SupplyParameterFromQuery)$/.test(
      nameOfMark(one),
    ),
  );
  if (isBound) {
    const from = callAt(node, nameAt(node, "!bound"), []);
    return isPlain(type) ? [] : [assignAt(node, lowerExpression(at, name), from)];
  }
  const held =
    value === undefined && isObjectType(type)
      ? [assignAt({ start, end: start }, lowerExpression(at, name), nameAt(name, type))]
      : [];
  const begins = value === undefined ? held : variable(at, node, name, type, value);
  return [
    ...begins,
    ...(givenAlways(node) === undefined ? accessorsOf(at, node, sourceOf(at.tree, name)) : []),
  ];
}

function isPlain(type: string): boolean {
  return /^(int|long|short|byte|uint|bool|double|float|decimal|Guid|DateTime|DateTimeOffset|TimeSpan)$/.test(
    type,
  );
}

/** The value of `=> value`, or of a getter that only returns. */
function givenAlways(node: Node): Node | undefined {
  const arrow = part(node, "arrow_expression_clause");
  if (arrow !== undefined) return codeOf(arrow)[0];
  const getter = codeOf(child(node, "accessor_list")).find(({ children }) =>
    children.some(({ kind }) => kind === "get"),
  );
  if (getter === undefined) return undefined;
  const short = part(getter, "arrow_expression_clause");
  if (short !== undefined) return codeOf(short)[0];
  const [only, more] = codeOf(child(getter, "block"));
  return only?.kind === "return_statement" && more === undefined ? codeOf(only)[0] : undefined;
}

function accessorsOf(at: Lowering, node: Node, name: string): Statement[] {
  return codeOf(child(node, "accessor_list"))
    .filter((one) => part(one, "block", "arrow_expression_clause") !== undefined)
    .map((one): Statement => {
      const isSetter = one.children.some(({ kind }) => kind === "set" || kind === "init");
      const { start, end } = one;
      const made: FunctionMade = {
        name: `${isSetter ? "set" : "get"}_${name}`,
        marks: [],
        method: false,
        start,
        end,
        parameters: isSetter ? [{ name: "value", type: "" }] : [],
        body: bodyOf(at, one),
      };
      return { kind: "function", made, start, end };
    });
}

function bodyOf(at: Lowering, node: Node): Statement[] {
  const arrow = part(node, "arrow_expression_clause");
  if (arrow === undefined) return lowerBlock(at, part(node, "block"));
  const [only] = codeOf(arrow);
  if (only === undefined) return [];
  // `=> x = y` is an assignment; any other expression body, even of a `void` method, counts as returned
  if (only.kind === "assignment_expression") return lowerAll(at, [only]);
  const value = lowerExpression(at, only);
  return [{ kind: "return", value, start: value.start, end: value.end }];
}

/** Lowers a method, constructor, operator or local function. */
export function functionOf(at: Lowering, node: Node): FunctionMade {
  const { start, end } = node;
  const list = part(node, "parameter_list");
  const before = node.children.slice(0, list === undefined ? undefined : node.children.indexOf(list));
  const name = before.findLast(({ kind }) => kind === "identifier");
  const word = name === undefined ? "" : sourceOf(at.tree, name);
  const parameters = csharpParameters(at, list);
  const hidden = parameters.map((one) => `field ${one.name}`).filter((note) => at.noted.has(note));
  for (const note of hidden) at.noted.delete(note);
  const marks = attributesOf(at, node);
  const initial = part(node, "constructor_initializer");
  const chained = initial === undefined ? [] : lowerAll(at, codeOf(child(initial, "argument_list")));
  const made: FunctionMade = {
    name: node.kind === "constructor_declaration" ? "constructor" : word.replace(/(?<=.{4})Async$/, ""),
    parameters,
    body: [...held(at, node, word, parameters), ...chained, ...bodyOf(at, node)],
    marks: isAction(at, node, word, marks) ? [...marks, nameAt({ start, end: start }, "!action")] : marks,
    method: false,
    start,
    end,
  };
  for (const note of hidden) at.noted.add(note);
  return made;
}

/** Whether the framework routes requests to it: a public method of a controller, or a handler of a page. */
function isAction(at: Lowering, node: Node, word: string, marks: readonly Expr[]): boolean {
  if (!/^(method_declaration|local_function_statement)$/.test(node.kind)) return false;
  const modifiers = node.children
    .filter(({ kind }) => kind === "modifier")
    .map((one) => sourceOf(at.tree, one));
  if (modifiers.includes("static") || marks.some((one) => nameOfMark(one) === "NonAction")) return false;
  const [typed] = codeOf(node).filter(({ kind }) => kind !== "modifier" && kind !== "attribute_list");
  const type = typed === undefined ? "" : sourceOf(at.tree, typed).slice(0, 120);
  if (!modifiers.includes("public")) return false;
  if (/^(Task<)?I?ActionResult\b/.test(type)) return true;
  return (
    at.noted.has("!actions") &&
    !modifiers.includes("override") &&
    !/^(Dispose|On[A-Z]\w{2,20}ing|On[A-Z]\w{2,20}ed)$/.test(word)
  );
}

/** Gives parameters the type names by which rules know them. */
function held(at: Lowering, node: Node, word: string, parameters: readonly Parameter[]): Statement[] {
  const { start } = node;
  return parameters.flatMap((parameter): Statement[] => {
    const target = nameAt({ start, end: start }, parameter.name);
    if (isToolType(parameter.type)) return [assignAt(target, target, nameAt(target, parameter.type))];
    if (parameter.type === "StringBuilder") at.noted.add(`buffer ${parameter.name}`);
    // the user who starts a program may name its files
    if (word === "Main" && parameter.type === "string[]")
      return [
        assignAt(target, target, callAt(target, nameAt(target, "commandLine"), [nameAt(target, "!args")])),
      ];
    return [];
  });
}
