/** A JSON Schema (2020-12), or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** The schemas that others name, by their name in the document's components. */
export type Schemas = Readonly<Record<string, Schema>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Schema;
}

/** What may be sent or answered: a schema for each media type; undefined where the document has none. */
export type Content = Readonly<Record<string, Schema | undefined>>;

/** One method of one path, as the document describes it. */
export interface Operation {
  readonly id: string;
  /** In upper case. */
  readonly method: string;
  /** From the root, with `{name}` for parameters. */
  readonly template: string;
  readonly isPublic: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Content | undefined;
  /** By status, or `default`. */
  readonly answers: Readonly<Record<string, Content>>;
}

export interface ApiDocument {
  readonly operations: readonly Operation[];
  readonly schemas: Schemas;
}

/** A member that may be a reference into the document. */
type Linked<T> = T | { readonly $ref: string };

interface RawContent {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly security: readonly unknown[];
  readonly parameters?: readonly Linked<Parameter>[];
  readonly requestBody?: Linked<RawContent>;
  readonly responses: Readonly<Record<string, Linked<RawContent>>>;
  readonly servers?: readonly { readonly url: string }[];
}

interface RawDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: { readonly schemas: Schemas };
}

/** What a JSON pointer of the document leads to. @throws {Error} when it leads nowhere */
function follow<T>(document: unknown, linked: Linked<T>): T {
  if (typeof linked !== 'object' || linked === null || !('$ref' in linked)) return linked as T;
  let node = document;
  for (const key of linked.$ref.slice(2).split('/')) node = (node as Record<string, unknown> | undefined)?.[key];
  if (node === undefined) throw new Error(`the document does not have ${linked.$ref}`);
  return node as T;
}

const contentOf = ({ content = {} }: RawContent): Content =>
  Object.fromEntries(Object.entries(content).map(([mediaType, { schema }]) => [mediaType, schema]));

/** Every operation of an OpenAPI 3.1 document, in its order, references followed but for those of schemas. */
export function readDocument(json: unknown): ApiDocument {
  const document = json as RawDocument;
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): Operation => {
      const base = (raw.servers ?? document.servers)[0]?.url ?? '/';
      return {
        id: raw.operationId,
        method: method.toUpperCase(),
        template: base.replace(/\/$/, '') + path,
        isPublic: raw.security.length === 0,
        parameters: (raw.parameters ?? []).map((parameter) => follow(document, parameter)),
        body: raw.requestBody && contentOf(follow(document, raw.requestBody)),
        answers: Object.fromEntries(
          Object.entries(raw.responses).map(([status, answer]) => [status, contentOf(follow(document, answer))]),
        ),
      };
    }),
  );
  return { operations, schemas: document.components.schemas };
}
