/**
 * @file All rules for JavaScript and TypeScript.
 */
import type { Rule } from "../rule.ts";
import { javascriptCryptoRules } from "./javascript/crypto.ts";
import { javascriptPageRules } from "./javascript/pages.ts";
import { javascriptRunRules } from "./javascript/run.ts";
import { javascriptServerRules } from "./javascript/server.ts";

/** They. */
export const javascriptRules: readonly Rule[] = [
  ...javascriptRunRules,
  ...javascriptServerRules,
  ...javascriptPageRules,
  ...javascriptCryptoRules,
];
