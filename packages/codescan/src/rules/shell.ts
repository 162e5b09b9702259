/**
 * @file All rules for the shells.
 */
import type { Rule } from "../rule.ts";
import { shellCommandRules } from "./shell/commands.ts";
import { shellSystemRules } from "./shell/system.ts";

/** They. */
export const shellRules: readonly Rule[] = [...shellCommandRules, ...shellSystemRules];
