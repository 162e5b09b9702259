/** @file Finds the definitions of tools that a system message lists as text. */
import type { JsonObject } from "@tunewise/core/rows";
import { openaiTool, toolList } from "./tool-definitions.ts";

const block = /<tools>([\s\S]*?)<\/tools>/g;

/** Max. lists that are tried, definitions of one, and characters of a system message. */
const maxLists = 16;
const maxTools = 1_024;
const maxCharacters = 2 ** 20;

/** The tools that a text lists, in a block `<tools>` or as a JSON list; `null` if it lists none that can be read. */
export function listedTools(text: string): readonly JsonObject[] | null {
  if (text.length > maxCharacters) return null;
  const blocks = [...text.matchAll(block)].slice(0, maxLists);
  for (const [, inner = ""] of blocks) {
    const tools = definitions(inner.trim()) ?? definitions(linesAsList(inner));
    if (tools !== null) return tools;
  }
  return blocks.length > 0 ? null : listIn(text);
}

/** A definition per line, as a list. */
function linesAsList(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return `[${lines.join(",")}]`;
}

function definitions(json: string): readonly JsonObject[] | null {
  const tools = (toolList(json) ?? []).map(openaiTool);
  const found = tools.filter((tool) => tool !== null);
  return found.length === 0 || found.length < tools.length ? null : found;
}

/** The first JSON list in a text, or the first JSON objects in a row, that are definitions of tools. */
function listIn(text: string): readonly JsonObject[] | null {
  let searched = 0;
  for (const { index } of [...text.matchAll(/(?:\[\s{0,64})?\{/g)].slice(0, maxLists)) {
    if (index < searched) continue;
    const { values, end } = valuesFrom(text, index);
    searched = end;
    const tools = definitions(text[index] === "[" ? (values[0] ?? "") : `[${values.join(",")}]`);
    const isDefined = tools?.every((tool) => {
      const { parameters, description } = tool["function"] as JsonObject;
      return parameters !== undefined || description !== undefined;
    });
    if (tools !== null && isDefined) return tools;
  }
  return null;
}

/** The JSON value at an index, and the objects after it with only white space between. */
function valuesFrom(
  text: string,
  start: number,
): { readonly values: readonly string[]; readonly end: number } {
  const values: string[] = [];
  const space = /\s*/y;
  let at = start;
  while (values.length < maxTools && (values.length === 0 || text[at] === "{")) {
    const end = endOfJson(text, at);
    if (end === null) break;
    values.push(text.slice(at, end));
    space.lastIndex = end;
    at = end + (space.exec(text)?.[0].length ?? 0);
  }
  return { values, end: Math.max(at, start + 1) };
}

/** The end of the JSON value that starts at an index; `null` if its brackets do not close. */
function endOfJson(text: string, start: number): number | null {
  let depth = 0;
  let isText = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isText) {
      if (character === "\\") at++;
      else if (character === '"') isText = false;
    } else if (character === '"') isText = true;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}
