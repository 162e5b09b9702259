/**
 * @file Ten more files, in shapes that recognition was not developed on: written down after `all-files.ts` was right,
 * and opened once. The rows are our own.
 */
import { lines, rows } from "../data-files.ts";
import { parquetOf } from "./nested-parquet.ts";
import { shopToolNames, shopTools, type TeamFile, visit } from "./team-file.ts";

const tools = shopTools.map((tool) => ({ type: "function", function: tool }));
const worse = (at: number): string => `No idea, ask somebody else about ${visit(at).order}.`;
const file = (
  name: string,
  kind: TeamFile["kind"],
  shape: string,
  row: (at: number) => object,
  expected: TeamFile["expected"],
): TeamFile => ({ name, kind, shape, content: () => lines(rows(40, row)), expected });

/** The logged request and the answer of an API. */
function logged(at: number): object {
  const { order, question } = visit(at);
  const given = { name: "order_status", arguments: JSON.stringify({ order }) };
  const message = {
    role: "assistant",
    content: null,
    tool_calls: [{ id: "c1", type: "function", function: given }],
  };
  return {
    request: { model: "m", messages: [{ role: "user", content: question }], tools },
    response: { id: `r${at}`, choices: [{ index: 0, message, finish_reason: "tool_calls" }] },
  };
}

/** Files that were opened once. */
export const laterFiles: readonly TeamFile[] = [
  file(
    "lima.jsonl",
    "mixed",
    "LIMA: `conversations` as a list of texts, in turn of the user and the assistant",
    (at) => ({
      conversations: [visit(at).question, visit(at).answer, "Why?", `Because of ${at}.`],
      source: "shop",
    }),
    { reading: "chat", task: "text", turns: "user assistant user assistant" },
  ),
  file(
    "capybara.jsonl",
    "mixed",
    "Capybara: `conversation` as a list of inputs and outputs",
    (at) => ({
      source: "shop",
      conversation: [
        { input: visit(at).question, output: visit(at).answer },
        { input: "Why?", output: `Because of ${at}.` },
      ],
    }),
    { reading: "chat", task: "text", turns: "user assistant user assistant" },
  ),
  file(
    "nemotron.jsonl",
    "reasoning",
    "Nemotron: `input` as messages, `output` with a `<think>` block, settings beside them",
    (at) => ({
      input: [{ role: "user", content: visit(at).question }],
      output: `<think>\n${visit(at).thought}\n</think>\n\n${visit(at).answer}`,
      category: "chat",
      reasoning: "on",
      system_prompt: "detailed thinking on",
    }),
    {
      reading: "pair",
      columns: { prompt: "input", completion: "output" },
      task: "text",
      turns: "system? user assistant+thought",
    },
  ),
  file(
    "helpsteer3.jsonl",
    "preference",
    "HelpSteer3: `context` as messages, two responses, a preference from -3 to 3",
    (at) => ({
      domain: "general",
      context: [{ role: "user", content: visit(at).question }],
      response1: at % 2 === 0 ? visit(at).answer : worse(at),
      response2: at % 2 === 0 ? worse(at) : visit(at).answer,
      overall_preference: at % 2 === 0 ? -2 : 3,
    }),
    { reading: "preference", task: "text", turns: "user assistant" },
  ),
  {
    name: "chatml.parquet",
    kind: "mixed",
    shape: "rendered ChatML in a column of texts, in Parquet",
    content: () =>
      parquetOf(
        rows(40, (at) => ({
          text: `<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n${visit(at).question}<|im_end|>\n<|im_start|>assistant\n${visit(at).answer}<|im_end|>\n`,
        })),
      ),
    expected: { reading: "chat", task: "text", turns: "system user assistant", markup: "<|im_end|>" },
  },
  file("logs.jsonl", "tools", "logged requests and responses of OpenAI's API", logged, {
    reading: "chat",
    task: "tools",
    turns: "user assistant[order_status]",
    tools: shopToolNames,
  }),
  file(
    "r1-distilled.jsonl",
    "reasoning",
    "distilled answers: input, reasoning_content, content, score",
    (at) => ({
      input: visit(at).question,
      reasoning_content: visit(at).thought,
      content: visit(at).answer,
      repo_name: "shop/questions",
      score: 7 + (at % 4),
    }),
    {
      reading: "pair",
      columns: { prompt: "input", completion: "content", reasoning: "reasoning_content" },
      task: "text",
      turns: "user assistant+thought",
    },
  ),
  file(
    "swift.jsonl",
    "mixed",
    "ms-swift: query, response, and `history` as pairs of texts",
    (at) => ({
      system: "Be kind.",
      query: "And the next one?",
      response: `It is in ${visit(at).town}, number ${at}.`,
      history: [[visit(at).question, visit(at).answer]],
    }),
    {
      reading: "pair",
      columns: { prompt: "query", completion: "response" },
      task: "text",
      turns: "system user assistant user assistant",
    },
  ),
  file(
    "cohere.jsonl",
    "mixed",
    "Cohere: roles System, User and Chatbot",
    (at) => ({
      messages: [
        { role: "System", content: "Be kind." },
        { role: "User", content: visit(at).question },
        { role: "Chatbot", content: visit(at).answer },
      ],
    }),
    { reading: "chat", task: "text", turns: "system user assistant" },
  ),
  file(
    "sharegpt-dpo.jsonl",
    "preference",
    "LLaMA-Factory: conversations, and chosen and rejected as one turn each",
    (at) => ({
      conversations: [{ from: "human", value: visit(at).question }],
      chosen: { from: "gpt", value: visit(at).answer },
      rejected: { from: "gpt", value: worse(at) },
    }),
    { reading: "preference", task: "text", turns: "user assistant" },
  ),
];
