/** @file Reads one call, from behind what introduces it, and reports its parts as they arrive. */
import type { JsonObject, JsonValue } from "@tunewise/core/rows";
import { atomsOf } from "./atoms.ts";
import { readKeyedArguments } from "./read-keyed.ts";
import { MalformedCall, type TextSource, type Waiting } from "./source.ts";
import type { CallPart, KeyedForm, NamedForm, ObjectForm, ToolCallSyntax } from "./syntax.ts";
import { jsonQuotes, pythonQuotes, typesOfParameter, wholeValue } from "./value.ts";

/** Receives the parts of a call. */
export interface CallSink {
  begin(name: string): void;
  /** A piece of the arguments as a JSON text. */
  arguments(piece: string): void;
  end(id: string | null): void;
}

const MAX_NAME = 256;

/**
 * Reads one call.
 *
 * @throws {MalformedCall}
 */
export function* readCall(
  source: TextSource,
  { form, after }: ToolCallSyntax,
  tools: readonly JsonObject[],
  sink: CallSink,
): Waiting<void> {
  let id: string | null;
  if (form.kind === "object") id = yield* readObjectCall(source, form, sink);
  else if (form.kind === "named") id = yield* readNamedCall(source, form, sink);
  else id = yield* readKeyedCall(source, form, after, tools, sink);
  // the end of an answer may cut what closes a call, once its arguments are complete
  const closed = yield* source.match(atomsOf(after));
  if (closed === "different") throw new MalformedCall(`is not closed by ${JSON.stringify(after.trim())}`);
  source.take(closed === "cut" ? source.text.length : closed);
  sink.end(id);
}

/** What is known of a call that is a JSON object. */
class ObjectCall {
  name: string | null = null;
  id: string | null = null;
  isComplete = false;
  private held: string[] = [];
  private readonly sink: CallSink;

  constructor(sink: CallSink) {
    this.sink = sink;
  }

  named(name: string): void {
    if (this.name !== null) throw new MalformedCall("has two names");
    this.name = checkedName(name);
    this.sink.begin(this.name);
    for (const piece of this.held.splice(0)) this.sink.arguments(piece);
  }

  argued(piece: string): void {
    if (this.name === null) this.held.push(piece);
    else this.sink.arguments(piece);
  }
}

function* readObjectCall(source: TextSource, form: ObjectForm, sink: CallSink): Waiting<string | null> {
  const call = new ObjectCall(sink);
  yield* readEntries(source, form, [], call);
  if (call.name === null) throw new MalformedCall("has no name");
  if (!call.isComplete) throw new MalformedCall("has no arguments");
  return call.id;
}

function* readEntries(
  source: TextSource,
  form: ObjectForm,
  path: readonly string[],
  call: ObjectCall,
): Waiting<void> {
  yield* requireMark(source, "{");
  if ((yield* source.next()) === "}") {
    source.take(1);
    return;
  }
  while (true) {
    if ((yield* source.next()) !== '"') throw new MalformedCall("has a key that is not a text");
    const key = textIn(yield* source.value(jsonQuotes));
    yield* requireMark(source, ":");
    yield* source.next();
    yield* readEntry(source, form, [...path, key], call);
    const next = yield* source.next();
    if (next !== "," && next !== "}") throw new MalformedCall("is not a JSON object");
    source.take(1);
    if (next === "}") return;
  }
}

function* readEntry(
  source: TextSource,
  form: ObjectForm,
  path: readonly string[],
  call: ObjectCall,
): Waiting<void> {
  const { namePath, idPath, argumentsPath } = form;
  const isNamed = namePath === null && isSamePath(path.slice(0, -1), argumentsPath.slice(0, -1));
  const leads = [namePath, argumentsPath].some((one) => one && isSamePath(one.slice(0, path.length), path));
  if (namePath && isSamePath(path, namePath)) call.named(textIn(yield* source.value(jsonQuotes)));
  else if (isNamed && path.length === argumentsPath.length) {
    call.named(path.at(-1) ?? "");
    yield* readObjectArguments(source, call);
  } else if (namePath && isSamePath(path, argumentsPath)) yield* readObjectArguments(source, call);
  else if (leads && source.text.startsWith("{")) yield* readEntries(source, form, path, call);
  else {
    const value = parsed(yield* source.value(jsonQuotes));
    if (idPath && isSamePath(path, idPath) && typeof value !== "object") call.id = String(value);
  }
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((key, at) => key === b[at]);
}

function* readObjectArguments(source: TextSource, call: ObjectCall): Waiting<void> {
  if (call.isComplete) throw new MalformedCall("has two lists of arguments");
  if (source.text.startsWith('"')) {
    const text = textIn(yield* source.value(jsonQuotes));
    requireObject(parsed(text));
    call.argued(text);
  } else yield* readJsonArguments(source, (piece) => call.argued(piece));
  call.isComplete = true;
}

/** Reads a JSON object; its pieces are passed on before it is known to be valid. */
function* readJsonArguments(source: TextSource, onPiece: (piece: string) => void): Waiting<void> {
  if ((yield* source.next()) !== "{") throw new MalformedCall("has arguments that are not a JSON object");
  requireObject(parsed(yield* source.value(jsonQuotes, onPiece)));
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new MalformedCall("is not valid JSON");
  }
}

function textIn(json: string): string {
  const value = parsed(json);
  if (typeof value !== "string") throw new MalformedCall("has a name that is not a text");
  return value;
}

function requireObject(value: JsonValue | undefined): void {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new MalformedCall("has arguments that are not an object");
}

function* requireMark(source: TextSource, character: string): Waiting<void> {
  if ((yield* source.next()) !== character) throw new MalformedCall("is not a JSON object");
  source.take(1);
}

function checkedName(name: string): string {
  if (name !== "" && name.length <= MAX_NAME && !/[\s<>"'`{}()[\],]/u.test(name)) return name;
  throw new MalformedCall(`has the name ${JSON.stringify(name.slice(0, 40))}, which no tool can have`);
}

function* readNamedCall(
  source: TextSource,
  { head, language }: NamedForm,
  sink: CallSink,
): Waiting<string | null> {
  const { name, id } = yield* readHead(source, head, "");
  if ((yield* source.next()) !== "{") throw new MalformedCall("has no arguments");
  sink.begin(name);
  if (language === "json") yield* readJsonArguments(source, (piece) => sink.arguments(piece));
  else {
    const value = wholeValue(yield* source.value(pythonQuotes));
    requireObject(value);
    sink.arguments(JSON.stringify(value));
  }
  return id;
}

/** Reads the name and the id of a call, and the fixed texts between them. */
function* readHead(
  source: TextSource,
  head: readonly CallPart[],
  then: string,
): Waiting<{ readonly name: string; readonly id: string | null }> {
  let name: string | null = null;
  let id: string | null = null;
  for (const [at, part] of head.entries()) {
    if (part.kind === "text") yield* source.require(part.text);
    else {
      const following = head[at + 1];
      const word = yield* readWord(source, following?.kind === "text" ? following.text : then);
      if (part.kind === "id") id = word;
      else if (name !== null && name !== word) throw new MalformedCall("has two names");
      else name = checkedName(word);
    }
  }
  if (name === null) throw new MalformedCall("has no name");
  return { name, id };
}

/** Reads a name, which ends before white space, brackets and quotes, and before the text that follows. */
function* readWord(source: TextSource, then: string): Waiting<string> {
  yield* source.next();
  const [first] = atomsOf(then.trim());
  while (true) {
    const [plain = ""] = /^[^\s<>"'`{}()[\],]*/u.exec(source.text.slice(0, MAX_NAME + 1)) ?? [];
    const before = first === undefined ? -1 : plain.indexOf(first);
    const length = before >= 0 ? before : plain.length;
    if (length > MAX_NAME) throw new MalformedCall(`has a name of more than ${MAX_NAME} characters`);
    if (length < source.text.length || !(yield* source.more())) return source.take(length);
  }
}

function* readKeyedCall(
  source: TextSource,
  form: KeyedForm,
  after: string,
  tools: readonly JsonObject[],
  sink: CallSink,
): Waiting<string | null> {
  const { name, id } = yield* readHead(source, form.head, `${form.open}${form.beforeKey}${after}`);
  yield* source.require(form.open);
  sink.begin(name);
  yield* readKeyedArguments(source, form, after, (key) => typesOfParameter(tools, name, key), sink.arguments);
  return id;
}
