/** @file Weaknesses that are one another's kinds or causes, so that either name is right where a finding is judged. */
export { areRelated as related } from "@tunewise/codescan";
