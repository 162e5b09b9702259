/**
 * @file All rules for Python.
 */
import type { Rule } from "../rule.ts";
import { pythonCommandRules } from "./python/commands.ts";

/** They. */
export const pythonRules: readonly Rule[] = [...pythonCommandRules];
