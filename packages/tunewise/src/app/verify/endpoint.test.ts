/**
 * Probes of servers, with stand-ins for vLLM, llama-server, Ollama and a server that shows nothing: they speak the
 * routes of their APIs, and a toy model of characters answers. A real server, our own, is in test/peers.
 */
import { describe, expect, test } from "vitest";
import {
  characterServer,
  type Dialect,
  render,
  type ServerFault,
  toIds,
} from "../../../../../test/support/character-server.ts";
import { compareRuntime } from "./compare.ts";
import { endpointOf, probeEndpoint } from "./endpoint.ts";
import type { Expected } from "./expected.ts";

const conversations = [
  { messages: [{ role: "user", content: "Grüße" }] },
  { messages: [{ role: "user", content: "Hi" }], tools: [{ type: "function" }] },
];

function expectedOf(): Expected {
  const prompts = conversations.map((one) => {
    const text = render(one);
    const bare = "tools" in one ? render({ messages: one.messages }) : null;
    return { text, ids: toIds(text), textWithoutTools: bare };
  });
  const answer = { ids: toIds("ok"), text: "ok", isEnded: true, lengths: [1, 2], margins: [3, 3, 3] };
  const whole = prompts.map(({ ids }, at) => {
    return {
      ids: [...ids, ...toIds("ok")],
      from: ids.length,
      scores: [-0.1, -0.1],
      number: at + 1,
      next: "o",
    };
  });
  const single = { ids: toIds("Hz"), from: 1, scores: [-0.5], number: null, next: "z" };
  return {
    prompts,
    beginId: 1,
    beginText: "<s>",
    texts: [{ text: "Hi", ids: toIds("Hi") }],
    rows: [...whole, single],
    endTokens: [{ id: 2, text: "</s>" }],
    answers: prompts.map(() => answer),
  };
}

async function verify(dialect: Dialect, fault: ServerFault | null) {
  const expected = expectedOf();
  const job = { expected, conversations, answerTokens: 4, model: null, runId: "run-1" };
  const address = endpointOf(dialect === "ollama" ? "ollama" : "http://127.0.0.1:9/v1/", null, {});
  const { signal } = new AbortController();
  const reply = await probeEndpoint(address, job, signal, characterServer(dialect, fault));
  return { reply, ...compareRuntime(expected, reply) };
}

const kindsOf = async (dialect: Dialect, fault: ServerFault | null): Promise<string[]> =>
  (await verify(dialect, fault)).differences.map(({ kind }) => kind);

describe.each<Dialect>(["vllm", "llama-server", "ollama", "plain"])("%s", (dialect) => {
  test("a correct server has no difference", async () => {
    const { differences, sameAnswers, reply } = await verify(dialect, null);
    expect(differences).toEqual([]);
    expect(sameAnswers).toEqual({ count: 2, nearTies: 0, of: 2 });
    expect(reply.scores?.flat()).not.toEqual([]);
  });

  test.each<ServerFault>(["template", "bos", "stop"])("%s", async (fault) => {
    expect(await kindsOf(dialect, fault)).toEqual([fault]);
  });

  test("other positions", async () => {
    // Ollama scores no single tokens, so positions cannot be told from weights
    expect(await kindsOf(dialect, "rope")).toEqual([dialect === "ollama" ? "weights" : "rope"]);
  });
});

test.each<[Dialect, string[]]>([
  ["vllm", ["vocabulary"]],
  ["llama-server", ["vocabulary"]],
])("another vocabulary in %s", async (dialect, kinds) => {
  expect(await kindsOf(dialect, "vocabulary")).toEqual(kinds);
});

test("tools that a server drops are named where it shows its prompt, and a refusal of tools is no fault", async () => {
  expect(await kindsOf("vllm", "tools")).toEqual(["tools"]);
  const { differences, reply } = await verify("plain", "tools-refused");
  expect([differences, reply.answers?.[1], reply.prompts[1]]).toEqual([[], null, { text: null, ids: null }]);
});

test("a server that ignores logit_bias says nothing about end tokens", async () => {
  const { reply, differences } = await verify("plain", "bias-ignored");
  expect([reply.ends, differences]).toEqual([null, []]);
});

describe("what cannot be verified", () => {
  const job = { expected: expectedOf(), conversations, answerTokens: 4, model: "other", runId: null };
  const { signal } = new AbortController();

  test("an unknown runtime, and a key that is not set", () => {
    expect(() => endpointOf("tgi", null, {})).toThrow("tgi is not a runtime");
    expect(() => endpointOf("tgi", null, {})).toThrow(
      expect.objectContaining({ code: "VERIFY_RUNTIME_UNKNOWN" }),
    );
    expect(() => endpointOf("vllm", "MY_KEY", {})).toThrow(
      expect.objectContaining({ code: "ASK_KEY_MISSING" }),
    );
  });

  test("a server that does not answer is named with the command that starts it", async () => {
    const silent = async (): Promise<Response> => {
      throw new TypeError("fetch failed");
    };
    await expect(probeEndpoint(endpointOf("ollama", null, {}), job, signal, silent)).rejects.toMatchObject({
      code: "VERIFY_SERVER_UNREACHABLE",
      fix: expect.stringContaining("ollama serve"),
    });
  });

  test("a model that the server does not have", async () => {
    const probing = probeEndpoint(
      endpointOf("http://h/v1", null, {}),
      job,
      signal,
      characterServer("plain", null),
    );
    await expect(probing).rejects.toMatchObject({ code: "VERIFY_MODEL_UNKNOWN", fix: "add --model run-1" });
  });

  test("a server that replies with a page", async () => {
    const page = async (): Promise<Response> => new Response("<html>");
    const probing = probeEndpoint(endpointOf("http://h/v1", null, {}), job, signal, page);
    await expect(probing).rejects.toMatchObject({ code: "VERIFY_RUNTIME_FAILED" });
  });
});
