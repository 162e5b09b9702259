/** @file `kubectl proxy` on a socket, through which tests send requests to an API server as tunewise does. */
import { execFileSync, spawn } from "node:child_process";
import type { ClientRequest, IncomingMessage } from "node:http";
import { request } from "node:http";
import { join } from "node:path";
import type { Kube } from "./kube.ts";
import type { RequestHeaders } from "./rest.ts";

/** A running proxy. */
export interface KubectlProxy {
  /** Headers and body of the response; rejects if the connection breaks. */
  ask(method: string, path: string, body?: string, headers?: RequestHeaders): Promise<ProxyAnswer>;
  /** Sends a request without waiting for its response. */
  send(method: string, path: string, headers?: RequestHeaders): ClientRequest;
  end(): Promise<void>;
}

interface ProxyAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Whether this machine has kubectl. */
export const hasKubectl: boolean = canRun();

/** Starts the proxy in a test folder. */
export async function startKubectlProxy(
  { kubeconfig, context }: Kube,
  folder: string,
): Promise<KubectlProxy> {
  const socketPath = join(folder, "api");
  const child = spawn("kubectl", ["--context", context, "proxy", "--unix-socket", socketPath], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`kubectl ended with code ${code}`)));
    child.stdout?.once("data", resolve);
  });
  const send = (method: string, path: string, headers: RequestHeaders = {}): ClientRequest =>
    request({ socketPath, method, path, headers, agent: false });
  return {
    send,
    ask: (method, path, body, headers) =>
      new Promise((resolve, reject) => {
        const sent = send(method, path, headers).once("error", reject);
        sent.once("response", (answer) => {
          let text = "";
          answer.setEncoding("utf8").on("data", (part: string) => {
            text += part;
          });
          answer.once("error", reject);
          answer.once("end", () =>
            resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
          );
        });
        sent.end(body);
      }),
    end: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      if (child.exitCode === null && child.kill()) await ended;
    },
  };
}

function canRun(): boolean {
  try {
    execFileSync("kubectl", ["version", "--client"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
