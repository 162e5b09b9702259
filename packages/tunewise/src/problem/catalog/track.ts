/** @file Problems of runs that clients log. Data only. */

export const trackProblems = {
  TRACKER_UNREACHABLE: {
    title: "The tracking server does not answer",
    message: "{url} does not answer: {reason}.",
    fix: "start it with: tunewise serve; or omit --server to track in this folder",
    docs: "A command with a budget is registered before it starts, so that a duplicate is rejected before it costs anything. That is impossible without the server.",
  },
  TRACKER_REFUSED: {
    title: "The tracking server rejected the request",
    message: "{url} answered with status {status}: {message}.",
    fix: "set TUNEWISE_API_KEY to one of your tokens on that server, and check that it is a tunewise server",
    exitCode: 4,
    docs: "The server may require a token, be another program, or have another version.",
  },
} as const;
