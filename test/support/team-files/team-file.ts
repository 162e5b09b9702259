/**
 * @file One data file as a team has it, what `init` must make of it, and the rule that divides the files into those
 * used for development and those opened once.
 */
import { createHash } from "node:crypto";
import { sentence } from "../data-files.ts";

/** What `init` and the reader must make of a file without a question. */
export interface TeamExpectation {
  /** How rows are read; `text`: as documents for continued pretraining. */
  readonly reading: "chat" | "instruction" | "pair" | "preference" | "text";
  /** Written columns; absent: none. */
  readonly columns?: {
    readonly prompt: string;
    readonly completion: string;
    readonly reasoning?: string;
  };
  readonly task: "classify" | "json" | "tools" | "text" | "language-modeling";
  /**
   * Turns of the first row, such as `user assistant+thought[stock,stock] tool tool assistant`; a system turn at the
   * start may be missing if it is `system?`.
   */
  readonly turns: string;
  /** Names of the offered tools of the first row; absent: none. */
  readonly tools?: readonly string[];
  /** Text that no message may contain, because it is markup of the file and not of the model. */
  readonly markup?: string;
  /** Unusable rows, and rows of preference data without a chosen answer; absent: none. */
  readonly unusable?: number;
  readonly unchosen?: number;
  /** Parts that are files of their own. */
  readonly parts?: readonly ("validation" | "test")[];
}

/** A file, or the files of a folder. */
export interface TeamFile {
  readonly name: string;
  readonly kind: "tools" | "reasoning" | "preference" | "text" | "mixed";
  /** Which program or data set has this shape. */
  readonly shape: string;
  readonly content: () => string | Uint8Array | Readonly<Record<string, string>>;
  readonly expected: TeamExpectation;
}

/** Number of files that were opened once, after recognition was finished on the others. */
const unseenFiles = 10;

/**
 * Divides the files: the ten whose names have the smallest SHA-256 are unseen. The rule was fixed before any of the
 * files was read.
 */
export function divideFiles(files: readonly TeamFile[]): Record<"developed" | "unseen", readonly TeamFile[]> {
  const hash = ({ name }: TeamFile): string => createHash("sha256").update(name).digest("hex");
  const sorted = [...files].sort((a, b) => (hash(a) < hash(b) ? -1 : 1));
  return { unseen: sorted.slice(0, unseenFiles), developed: sorted.slice(unseenFiles) };
}

/** A tool of a shop, in OpenAI's form. */
export interface ShopTool {
  readonly name: string;
  readonly description: string;
  readonly parameters: {
    readonly type: "object";
    readonly properties: Readonly<
      Record<string, { readonly type: "string" | "integer"; readonly description: string }>
    >;
    readonly required: readonly string[];
  };
}

/** The tools of our shop. */
export const shopTools: readonly ShopTool[] = [
  {
    name: "order_status",
    description: "Looks up where an order is.",
    parameters: {
      type: "object",
      properties: { order: { type: "integer", description: "Number of the order" } },
      required: ["order"],
    },
  },
  {
    name: "stock",
    description: "Counts the pieces of a product in a town.",
    parameters: {
      type: "object",
      properties: {
        product: { type: "string", description: "Name of the product" },
        town: { type: "string", description: "Town of the shop" },
      },
      required: ["product", "town"],
    },
  },
];

/** Names of `shopTools`. */
export const shopToolNames: readonly string[] = shopTools.map(({ name }) => name);

/** Order numbers, towns and answers of a row. */
export function visit(at: number): {
  readonly order: number;
  readonly town: string;
  readonly question: string;
  readonly place: string;
  readonly answer: string;
  readonly thought: string;
} {
  const order = 1000 + at * 37;
  const town = ["Lyon", "Turku", "Porto", "Graz", "Bergen"][at % 5] as string;
  const place = ["in the depot", "on the van", "at the door", "at customs"][(at * 3) % 4] as string;
  return {
    order,
    town,
    place,
    question: `Where is order ${order}? ${sentence(at)}`,
    answer: `Order ${order} is ${place} in ${town}, and should reach you on day ${1 + (at % 9)}.`,
    thought: `The customer wants order ${order}. It left ${town}, so I compare the two dates and count ${1 + (at % 9)} days.`,
  };
}
