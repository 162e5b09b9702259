/** @file Files of plain text and of mixed rows, as teams have them. The rows are our own. */
import { lines, rows, sentence } from "../data-files.ts";
import { shopToolNames, shopTools, type TeamFile, visit } from "./team-file.ts";

const openaiTools = shopTools.map((tool) => ({ type: "function", function: tool }));

const textFiles: readonly TeamFile[] = [
  {
    name: "pages.jsonl",
    kind: "text",
    shape: "plain text: `text`, and where it is from",
    content: () =>
      lines(
        rows(40, (at) => ({
          text: rows(6, (more) => sentence(at * 6 + more)).join("\n\n"),
          url: `https://shop.example/${at}`,
          date: "2026-01-05",
        })),
      ),
    expected: { reading: "text", task: "language-modeling", turns: "assistant" },
  },
  {
    name: "notes",
    kind: "text",
    shape: "a folder of .txt and .md files",
    content: () =>
      Object.fromEntries(
        rows(12, (at) => [
          at % 2 === 0 ? `note-${at}.txt` : `page-${at}.md`,
          `${at % 2 === 0 ? "" : "# "}Order ${visit(at).order}\n\n${rows(8, (more) => sentence(at * 8 + more)).join(" ")}\n`,
        ]),
      ),
    expected: { reading: "text", task: "language-modeling", turns: "assistant" },
  },
];

/** Rows with calls, rows of text with other roles, and rows with images. */
function mixedRow(at: number): object {
  const { order, question, answer, thought } = visit(at);
  if (at === 11 || at === 23) {
    const image = { type: "image_url", image_url: { url: "https://shop.example/a.png" } };
    const content = [{ type: "text", text: "What is this?" }, image];
    return {
      messages: [
        { role: "user", content },
        { role: "assistant", content: "A lamp." },
      ],
    };
  }
  if (at % 2 === 0) {
    const given = { name: "order_status", arguments: JSON.stringify({ order }) };
    const calls = [{ id: `c${at}`, type: "function", function: given }];
    return {
      messages: [
        { role: "user", content: question },
        { role: "assistant", reasoning_content: thought, content: "", tool_calls: calls },
      ],
      tools: openaiTools,
    };
  }
  return {
    messages: [
      { role: "assistant", content: "Welcome to the shop." },
      { role: "user", content: [{ type: "text", text: question }] },
      { role: "assistant", content: answer, weight: 0 },
      { role: "user", content: "Shorter, please." },
      { role: "assistant", content: `Day ${1 + (at % 9)}.` },
    ],
  };
}

function novaRow(at: number): object {
  const { order, question, place, answer, thought } = visit(at);
  return {
    schemaVersion: "bedrock-conversation-2024",
    system: [{ text: "You help customers of a shop." }],
    toolConfig: {
      tools: shopTools.map(({ name, description, parameters }) => ({
        toolSpec: { name, description, inputSchema: { json: parameters } },
      })),
    },
    messages: [
      { role: "user", content: [{ text: question }] },
      {
        role: "assistant",
        content: [
          { reasoningContent: { reasoningText: { text: thought } } },
          { toolUse: { toolUseId: `t${at}`, name: "order_status", input: { order } } },
        ],
      },
      {
        role: "user",
        content: [{ toolResult: { toolUseId: `t${at}`, content: [{ json: { place } }], status: "success" } }],
      },
      { role: "assistant", content: [{ text: answer }] },
    ],
  };
}

function supportRow(at: number): object {
  const { order, question } = visit(at);
  const given = { name: "order_status", arguments: JSON.stringify({ order }) };
  const calls = [{ id: `c${at}`, type: "function", function: given }];
  const answer = at % 4 === 0 ? { content: `Is ${order} the number?` } : { content: null, tool_calls: calls };
  return {
    messages: [
      { role: "developer", content: "Ask before you look up an order of somebody else." },
      { role: "user", content: question },
      { role: "assistant", ...answer },
    ],
    tools: openaiTools,
  };
}

/** Files of plain text and of mixed rows. */
export const mixedFiles: readonly TeamFile[] = [
  ...textFiles,
  {
    name: "mixed.jsonl",
    kind: "mixed",
    shape: "rows with and without tools, reasoning, weights and images",
    content: () => lines(rows(60, mixedRow)),
    expected: {
      reading: "chat",
      task: "tools",
      turns: "user assistant+thought[order_status]",
      tools: shopToolNames,
      unusable: 2,
    },
  },
  {
    name: "support",
    kind: "mixed",
    shape: "a folder with train, valid and test of conversations, with and without calls",
    content: () => ({
      "train.jsonl": lines(rows(60, (at) => supportRow(at + 1))),
      "valid.jsonl": lines(rows(10, (at) => supportRow(at + 101))),
      "test.jsonl": lines(rows(10, (at) => supportRow(at + 201))),
      "README.md": "# Support\n",
    }),
    expected: {
      reading: "chat",
      task: "tools",
      turns: "system user assistant[order_status]",
      tools: shopToolNames,
      parts: ["validation", "test"],
    },
  },
  {
    name: "nova.jsonl",
    kind: "mixed",
    shape: "Amazon Nova: `bedrock-conversation-2024` with reasoning, `toolUse` and `toolResult`",
    content: () => lines(rows(40, novaRow)),
    expected: {
      reading: "chat",
      task: "text",
      turns: "system user assistant+thought[order_status] tool assistant",
      tools: shopToolNames,
    },
  },
  {
    name: "guanaco.jsonl",
    kind: "mixed",
    shape: "OASST as Guanaco has it: one text with `### Human:` and `### Assistant:`",
    content: () =>
      lines(
        rows(40, (at) => ({
          text: `### Human: ${visit(at).question}### Assistant: ${visit(at).answer}### Human: Why?### Assistant: Because of ${visit(at).place}, number ${at}.`,
        })),
      ),
    expected: {
      reading: "chat",
      task: "text",
      turns: "user assistant user assistant",
      markup: "###",
    },
  },
];
