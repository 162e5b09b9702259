/**
 * @file What a page of ours may do: show itself in its one style sheet, and nothing else.
 */
import { createHash } from "node:crypto";
import { reportStyle } from "./style.ts";

const styleHash = createHash("sha256").update(reportStyle).digest("base64");

/** The content security policy: no script, no image, no form, no address. */
export const pagePolicy: string = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
