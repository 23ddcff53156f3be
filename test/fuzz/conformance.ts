import * as z from 'zod';
import type { ApiDocument, Content, Operation, Schema, Schemas } from './document.ts';
import type { WireAnswer } from './exchange.ts';

const PROBLEM = 'application/problem+json';

/** Says what is wrong with an answer by the document; undefined when nothing is. */
export type Conformance = (operation: Operation, answer: WireAnswer) => string | undefined;

/** The part of a media type that documents name. */
const essenceOf = (mediaType: string | undefined): string => (mediaType ?? '').split(';', 1)[0]?.trim() ?? '';

/** A schema of the document as one that stands alone. */
function validatorOf(schema: Schema, schemas: Schemas): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: schemas });
  return z.fromJSONSchema(JSON.parse(text.replaceAll('"#/components/schemas/', '"#/$defs/')), {
    defaultTarget: 'draft-2020-12',
  });
}

/** Strict: what `JSON.parse` takes and UTF-8 is. @throws {Error} */
const parseJson = (body: Buffer): unknown => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));

/** Beyond its schema: what a problem says of its answer. */
function faultOfProblem(json: unknown, { status, headers }: WireAnswer): string | undefined {
  const problem = json as { readonly status: unknown; readonly instance: unknown };
  if (problem.status !== status) return `the problem says that the status is ${problem.status}`;
  if (problem.instance !== headers['x-request-id']) return 'the problem has another request id than the header';
  if ((status === 429 || status === 503) && headers['retry-after'] === undefined) return 'there is no Retry-After';
  return undefined;
}

/** Checks answers against what the document says of them. */
export function createConformance({ schemas }: ApiDocument): Conformance {
  const validators = new Map<Schema, z.ZodType>();
  const faultOfJson = (schema: Schema, json: unknown): string | undefined => {
    const validator = validators.get(schema) ?? validatorOf(schema, schemas);
    validators.set(schema, validator);
    const result = validator.safeParse(json);
    return result.success ? undefined : `the body is not what is documented: ${z.prettifyError(result.error)}`;
  };

  const faultOfContent = (content: Content, answer: WireAnswer): string | undefined => {
    const mediaTypes = Object.keys(content);
    if (mediaTypes.length === 0) return answer.body.length > 0 ? 'there is a body, and none is documented' : undefined;
    const mediaType = essenceOf(answer.headers['content-type']);
    if (!mediaTypes.includes(mediaType)) return `the content type is "${mediaType}", not ${mediaTypes.join(' or ')}`;
    const schema = content[mediaType];
    if (schema === undefined) return undefined;
    let json: unknown;
    try {
      json = parseJson(answer.body);
    } catch (error) {
      return `the body is not JSON: ${(error as Error).message}`;
    }
    const fault = faultOfJson(schema, json);
    return fault ?? (mediaType === PROBLEM ? faultOfProblem(json, answer) : undefined);
  };

  return ({ answers }, answer) => {
    const { status, headers } = answer;
    const own = answers[status];
    if (headers['x-request-id'] === undefined) return 'there is no X-Request-ID';
    if (status >= 500 && own === undefined) return 'the appliance failed';
    if (own === undefined && status < 400) return 'a success with this status is not documented';
    const content = own ?? answers.default;
    return content === undefined ? 'this status is not documented' : faultOfContent(content, answer);
  };
}
