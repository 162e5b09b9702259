/** @file Parses a line of a chat: a prompt, or a command about the conversation. */
import { nearest } from "../../problem/index.ts";

/** A parsed line. */
export type ChatLine =
  | { readonly wants: "answer"; readonly text: string }
  | { readonly wants: "exit" | "reset" | "help" | "nothing" }
  | { readonly wants: "system"; readonly text: string }
  | { readonly wants: "unknown"; readonly name: string; readonly fix: string };

/** Commands of a chat with their descriptions. */
export const chatCommands: readonly (readonly [name: string, does: string])[] = [
  ["/exit", "leaves; so does Ctrl-C where nothing is being answered"],
  ["/reset", "forgets the conversation"],
  ["/system TEXT", "sets the system text; without TEXT shows it"],
  ["/help", "shows these lines"],
];

const names = ["exit", "reset", "system", "help"] as const;

/** Parses a line: a slash and a word is a command, everything else is a prompt. */
export function readChatLine(line: string): ChatLine {
  const text = line.trim();
  if (text === "") return { wants: "nothing" };
  const [, name, rest = ""] = /^\/([a-z]+)(?:\s(.*))?$/s.exec(text) ?? [];
  if (name === undefined) return { wants: "answer", text };
  const known = names.find((one) => one === name);
  if (known === "system") return { wants: "system", text: rest.trim() };
  if (known !== undefined) return { wants: known };
  const near = nearest(name, names);
  return { wants: "unknown", name, fix: near ? `did you mean /${near}?` : "/help shows them all" };
}
