/**
 * @file All rules for C and C++.
 */
import type { Rule } from "../rule.ts";
import { cppBufferRules } from "./cpp/buffers.ts";
import { cppCommandRules } from "./cpp/commands.ts";
import { cppMemoryRules } from "./cpp/memory.ts";
import { cppSystemRules } from "./cpp/system.ts";

/** They. */
export const cppRules: readonly Rule[] = [
  ...cppBufferRules,
  ...cppMemoryRules,
  ...cppCommandRules,
  ...cppSystemRules,
];
