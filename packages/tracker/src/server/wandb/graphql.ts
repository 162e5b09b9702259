/**
 * @file Parses GraphQL within limits and answers it from the schema. Queries are not validated: clients of other
 * versions may request unknown fields, which are simply absent from the reply.
 */
import {
  buildSchema,
  type DocumentNode,
  execute,
  type FragmentDefinitionNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isInputObjectType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  typeFromAST,
} from "graphql";
import { type Fields, fieldsOf, textOf } from "./fields.ts";
import { messageOf, wandbRefusal } from "./refuse.ts";
import { schemaText } from "./schema.ts";

/** Maximum tokens of a query; the longest of W&B's clients has about 700. */
const maxTokens = 10_000;
/** Maximum nesting of fields, including fragment spreads. */
const maxDepth = 30;
/** Maximum fields in total; a fragment counts at each spread. */
const maxFields = 2_000;

const schema: GraphQLSchema = buildSchema(schemaText);

/** Resolvers of root fields, called with the arguments and the context. */
export type Roots<Context> = Readonly<Record<string, (args: Fields, context: Context) => unknown>>;

/**
 * Answers a request's body.
 *
 * @throws errors of resolvers that must not be disclosed to the client
 */
export async function answerGraphql<Context>(
  body: unknown,
  roots: Roots<Context>,
  context: Context,
): Promise<object> {
  try {
    const { query, variables, operationName } = fieldsOf(body);
    const document = readDocument(textOf(query) ?? "");
    const operation = chooseOperation(document, textOf(operationName));
    requireBounds(document, operation);
    requireKnown(operation);
    const result = await execute({
      schema,
      document,
      rootValue: roots,
      contextValue: context,
      variableValues: knownVariables(operation, fieldsOf(variables)),
      operationName: operation.name?.value,
    });
    for (const { originalError } of result.errors ?? []) {
      if (originalError && !(originalError instanceof GraphQLError) && messageOf(originalError) === null)
        throw originalError;
    }
    const errors = result.errors?.map(({ message, path, originalError }) => ({
      message: (originalError && messageOf(originalError)) ?? message,
      path,
    }));
    return { data: result.data ?? null, ...(errors ? { errors } : {}) };
  } catch (error) {
    const message = messageOf(error);
    if (message === null) throw error;
    return { data: null, errors: [{ message }] };
  }
}

function readDocument(text: string): DocumentNode {
  try {
    return parse(text, { maxTokens, noLocation: true });
  } catch (error) {
    if (error instanceof GraphQLError) throw wandbRefusal(error.message);
    throw wandbRefusal("The query could not be read.");
  }
}

function chooseOperation({ definitions }: DocumentNode, name: string | null): OperationDefinitionNode {
  const operations = definitions.filter((definition) => definition.kind === "OperationDefinition");
  const fitting = operations.filter((operation) => name === null || operation.name?.value === name);
  const [operation] = fitting;
  if (!operation || fitting.length > 1) throw wandbRefusal("The query holds no one operation to answer.");
  return operation;
}

/** @throws {HttpError} if a query exceeds the limits, which also catches recursive fragments */
function requireBounds({ definitions }: DocumentNode, operation: OperationDefinitionNode): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === "FragmentDefinition") fragments.set(definition.name.value, definition);
  }
  let fields = 0;
  const descend = (selections: SelectionSetNode | undefined, depth: number): void => {
    if (depth > maxDepth) throw wandbRefusal("The query is nested too deeply.");
    for (const selection of selections?.selections ?? []) {
      if (++fields > maxFields) throw wandbRefusal("The query asks for too many fields.");
      const inner = selection.kind === "FragmentSpread" ? fragments.get(selection.name.value) : selection;
      descend(inner?.selectionSet, depth + 1);
    }
  };
  descend(operation.selectionSet, 0);
}

/** Refuses unknown root fields by name, since clients cannot work without them. */
function requireKnown({ operation, selectionSet }: OperationDefinitionNode): void {
  const root = operation === "mutation" ? schema.getMutationType() : schema.getQueryType();
  if (operation === "subscription") throw wandbRefusal("tunewise does not know subscriptions.");
  for (const selection of selectionSet.selections) {
    if (selection.kind !== "Field") continue;
    const name = selection.name.value;
    if (!name.startsWith("__") && !(root as GraphQLObjectType).getFields()[name]) {
      throw wandbRefusal(
        `tunewise does not answer ${operation === "mutation" ? "the mutation" : "the query"} ${name}.`,
      );
    }
  }
}

/** Removes unknown fields of inputs, which execution would refuse. */
function knownVariables(operation: OperationDefinitionNode, given: Fields): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const { variable, type } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    if (!Object.hasOwn(given, name)) continue;
    const found = typeFromAST(schema, type as Parameters<typeof typeFromAST>[1]) as
      | GraphQLInputType
      | undefined;
    known[name] = found ? knownPart(found, given[name]) : given[name];
  }
  return known;
}

function knownPart(type: GraphQLInputType, value: unknown): unknown {
  if (isNonNullType(type)) return knownPart(type.ofType as GraphQLInputType, value);
  if (isListType(type)) {
    const inner = type.ofType as GraphQLInputType;
    return Array.isArray(value) ? value.map((item) => knownPart(inner, item)) : value;
  }
  if (!isInputObjectType(type) || typeof value !== "object" || value === null) return value;
  const fields = type.getFields();
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => Object.hasOwn(fields, name))
      .map(([name, item]) => [name, knownPart((fields[name] as { type: GraphQLInputType }).type, item)]),
  );
}
