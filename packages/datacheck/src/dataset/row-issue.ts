/** @file Problems with rows, with this package's codes. */
import type { RowIssue as IssueOf, RowIssues as IssuesOf } from "@tunewise/core/rows";
import type { ProblemCode } from "../problem/index.ts";

/** The reason why a row cannot be used as is. */
export type RowIssue = IssueOf<ProblemCode>;

/** Collects the issues of many rows into findings. */
export type RowIssues = IssuesOf<ProblemCode>;
