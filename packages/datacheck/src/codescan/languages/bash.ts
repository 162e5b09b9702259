/** @file Shell definitions for value tracing. */
import { anyOf, type Language } from "../engine/language.ts";
import { lowerShell } from "./bash-tree.ts";

const never = { test: (): boolean => false };

/** All shells. */
export const bash: Language = {
  name: "shell",
  lower: lowerShell,
  sources: [
    { path: /^!argument$/, level: 2 },
    { path: /^!input\(\)/, level: 2, root: "!heard" },
    { path: /^!line\(\)/, level: 1 },
    { path: /^!parameter$/, level: 1 },
    { path: /^(curl|wget|nc|fetch)\(\)/, level: 2, root: "!heard" },
    { path: /^(QUERY_STRING|HTTP_\w{1,40}|REQUEST_URI|PATH_INFO)$/, level: 2, root: "!heard" },
    { path: /^!unquoted\(\)/, level: 0, root: "!unquoted" },
    { path: /^RANDOM$/, level: 0, root: "!random" },
  ],
  cleaners: { printf: ["shell"], basename: ["path"], wc: "all", date: "all", id: "all", hostname: "all" },
  passes: new Set(
    "!unquoted !required echo cat tr sed awk cut head tail grep sort realpath readlink dirname jq base64 tee".split(
      " ",
    ),
  ),
  keeps: new Set(),
  asks: new Set(["test", "["]),
  fills: new Set(),
  checks: never,
  ends: new Set(["exit"]),
  resolves: new Set(["realpath", "readlink"]),
  renames: {},
  answers: never,
  request: never,
  trusted: never,
  plainTypes: anyOf(),
  self: "!self",
};
