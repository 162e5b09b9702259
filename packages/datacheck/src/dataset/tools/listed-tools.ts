/** @file Finds the definitions of tools that a system message lists as text. */
import type { JsonObject } from "@tunewise/core/rows";
import { openaiTool, toolList } from "./tool-definitions.ts";

const block = /<tools>([\s\S]*?)<\/tools>/g;

/** Max. lists that are tried, and characters of a system message. */
const maxLists = 16;
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

/** The first JSON list in a text whose items are all definitions with parameters or a description. */
function listIn(text: string): readonly JsonObject[] | null {
  for (const { index } of [...text.matchAll(/\[\s{0,64}\{/g)].slice(0, maxLists)) {
    const end = endOfJson(text, index);
    const tools = end === null ? null : definitions(text.slice(index, end));
    const isDefined = tools?.every((tool) => {
      const { parameters, description } = tool["function"] as JsonObject;
      return parameters !== undefined || description !== undefined;
    });
    if (tools !== null && isDefined) return tools;
  }
  return null;
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
