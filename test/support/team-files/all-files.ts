/** @file The thirty data files. */
import { answerFiles } from "./answer-files.ts";
import { mixedFiles } from "./mixed-files.ts";
import type { TeamFile } from "./team-file.ts";
import { toolFiles } from "./tool-files.ts";

/** All files. */
export const teamFiles: readonly TeamFile[] = [...toolFiles, ...answerFiles, ...mixedFiles];
