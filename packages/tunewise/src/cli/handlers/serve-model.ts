/** @file `tunewise model serve`: serves a run's model to clients of OpenAI's API, until Ctrl-C. */

import { countOf, seconds, secondsText } from "@tunewise/core/quantity";
import { findServedModels, openFound, readAlias, type TextModel } from "../../app/inference/index.ts";
import { packageVersion } from "../../catalog/index.ts";
import { problem } from "../../problem/index.ts";
import { checkAccess, type HandledRequest, type ModelServer, serveModel } from "../../server/index.ts";
import { type Call, isOn, numberFlag, textFlag, textFlags, textsFlag } from "../command.ts";
import type { Console } from "../console.ts";
import { DONE } from "../exit-codes.ts";
import { errorText } from "../render/problem.ts";
import { plain } from "../render/terminal.ts";
import { downloadPrinter, runtimeOf } from "./context.ts";

const defaultHost = "127.0.0.1";
const defaultPort = 8080;
const defaultSlots = 32;

/** Grace period of running answers after Ctrl-C, in seconds. */
const graceSeconds = 30;

/** Serves until the process is interrupted. */
export async function handle(call: Call, console: Console): Promise<number> {
  const { signal } = console.io;
  const host = textFlag(call, "host") ?? defaultHost;
  const apiKey = keyOf(call, console, host);
  checkAccess({ host, apiKey });
  const options = {
    ...textFlags(call, "output"),
    base: isOn(call, "base"),
    onDownload: downloadPrinter(console),
  };
  const aliases = textsFlag(call, "alias").map(readAlias);
  const runtime = runtimeOf(console);
  const found = await findServedModels(call.words, aliases, runtime, options);
  const textModel = await openFound(found, runtime, numberFlag(call, "slots") ?? defaultSlots);
  try {
    const onRequest = (request: HandledRequest): void => tell(request, console);
    const port = numberFlag(call, "port") ?? defaultPort;
    const server = await serveModel(textModel, { host, port, apiKey, onRequest });
    announce(server, textModel, apiKey !== null, console);
    await new Promise<void>((stop) => {
      if (signal.aborted) stop();
      else signal.addEventListener("abort", () => stop(), { once: true });
    });
    await server.close(graceSeconds);
    return DONE;
  } finally {
    await textModel.close();
  }
}

/** The key from the environment; it is never given on the command line. */
function keyOf(call: Call, { io }: Console, host: string): string | null {
  const name = textFlag(call, "api-key-env");
  if (name === null) return null;
  const key = io.env[name]?.trim() ?? "";
  if (key !== "") return key;
  throw problem("SERVER_KEY_MISSING", { host, detail: `the environment variable ${name} is not set` });
}

function announce(
  { url, isOpen }: ModelServer,
  { variants }: TextModel,
  withKey: boolean,
  console: Console,
): void {
  const models = variants.flatMap(({ name, aliases }) => [name, ...aliases]);
  console.output({ url, models, api_key: withKey }, () => `serving ${models.join(" and ")} at ${url}`);
  if (isOpen) {
    const open = "other machines can reach this address, and nothing is encrypted";
    console.error(`${console.paintStderr.yellow("warning")} ${open}: put a proxy with TLS before it.`);
  }
  const first = JSON.stringify({ model: models[0], messages: [{ role: "user", content: "Hi" }] });
  const key = withKey ? ' -H "Authorization: Bearer $KEY"' : "";
  console.info(`next: curl ${url}/chat/completions -H "Content-Type: application/json"${key} -d '${first}'`);
}

/** Logs a request, and failures in full. */
function tell(
  { method, path, status, seconds: wall, counts, failure }: HandledRequest,
  console: Console,
): void {
  const tokens = counts ? `, ${counts.promptTokens}+${countOf(counts.answerTokens, "token")}` : "";
  const where = plain(`${method} ${path}`).slice(0, 200);
  console.info(`${where} ${status}, ${secondsText(seconds(wall))}${tokens}`);
  if (failure === null) return;
  console.error(
    errorText(failure, console.paintStderr, { command: "model serve", version: packageVersion() }),
  );
}
