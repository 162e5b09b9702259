/** @file Problems of runs that clients log. Data only. */

export const trackProblems = {
  TRACKER_UNREACHABLE: {
    title: "The tracking server does not answer",
    message: "{url} does not answer: {reason}.",
    fix: "start it with: tunewise serve; or leave --server away to track in this folder",
    docs: "A command in a budget is noted down before it starts, so that a duplicate is refused before it costs anything. Without the server that is not possible.",
  },
  TRACKER_REFUSED: {
    title: "The tracking server refused",
    message: "{url} answered with status {status}: {message}.",
    fix: "set TUNEWISE_API_KEY to a token of yours on that server, and check that it is tunewise's",
    exitCode: 4,
    docs: "The server may want a token, may be another program, or may be of another version.",
  },
} as const;
