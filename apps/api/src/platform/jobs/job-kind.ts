import type { z } from 'zod';
import { UnknownJobKindError, UnreadablePayloadError } from './job-errors.js';
import type { Job } from './job-repository.js';
import type { JobEnd, JobRun } from './job-run.js';
import type { Lane } from './lanes.js';

/** A kind of long work. To add one is to add a file that defines it and a line in the list of kinds. */
export interface JobKind<Name extends string, Schema extends z.ZodType, Parts> {
  /** In the database and in GraphQL: never renamed. */
  readonly name: Name;
  /** What it does, as the GraphQL schema documents it. */
  readonly summary: string;
  readonly lane: Lane;
  /** What is asked for, as plain JSON. Parsed when a job is made and again when it is run. */
  readonly payload: Schema;
  /** Raised when older payloads cannot be read any more; 1 unless given. */
  readonly version?: number;
  /** What this job is about, in one line for people. */
  describe(payload: z.output<Schema>): string;
  /** What its progress counts: "photos". */
  readonly unit: string;
  /** How a run that was stopped or killed goes on, in a sentence for people. */
  readonly resume: string;
  /** Jobs with the same text never run at once; null for none. Work on files and rows (lane `io`) takes its turn
   *  by dataset unless this says otherwise. */
  exclusive?(job: { readonly payload: z.output<Schema>; readonly datasetId: string | null }): string | null;
  /** How often unexpected errors may end a run, without any progress in between, before the job has failed. */
  readonly retries?: number;
  /** Milliseconds from one job of this kind to the next, begun by the server itself with the payload `{}`. */
  readonly every?: number;
  /** Does the work. Called again, from the beginning, for a job that was stopped, killed or resumed: it looks for what
   *  is missing. @throws the signal's reason to stop; anything else ends the job as failed, or tries it again. */
  run(run: JobRun<z.output<Schema>>, parts: Parts): Promise<JobEnd>;
  /** Tidies up after a job that has succeeded; a failure of it is logged and does not make the job's. */
  onSucceeded?(run: JobRun<z.output<Schema>>, parts: Parts): Promise<void>;
}

/** A kind whatever it works on. */
export type AnyJobKind = JobKind<string, z.ZodType, unknown>;

/** What the server must hand to all of these kinds. */
export type PartsOf<Kinds extends readonly AnyJobKind[]> = UnionToIntersection<
  Kinds[number] extends infer Kind
    ? Kind extends JobKind<string, z.ZodType, infer Parts>
      ? Parts
      : never
    : never
>;
type UnionToIntersection<Union> = (Union extends unknown ? (one: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

export const defineJobKind = <Name extends string, Schema extends z.ZodType, Parts>(
  kind: JobKind<Name, Schema, Parts>,
): JobKind<Name, Schema, Parts> => kind;

export interface JobKinds {
  readonly all: readonly AnyJobKind[];
  find(name: string): AnyJobKind | null;
  /** @throws {UnknownJobKindError} */
  required(name: string): AnyJobKind;
  /** The payload of a job's row. @throws {UnknownJobKindError} @throws {UnreadablePayloadError} */
  payloadOf(job: Pick<Job, 'kind' | 'payload' | 'payloadVersion'>): unknown;
}

/** @throws {TypeError} if two kinds share a name. */
export function createJobKinds(all: readonly AnyJobKind[]): JobKinds {
  const byName = new Map(all.map((kind) => [kind.name, kind]));
  if (byName.size < all.length) {
    throw new TypeError(`two kinds of job share a name: ${all.map(({ name }) => name).join(', ')}`);
  }
  const required = (name: string): AnyJobKind => {
    const kind = byName.get(name);
    if (kind === undefined) throw new UnknownJobKindError(name);
    return kind;
  };
  return {
    all,
    find: (name) => byName.get(name) ?? null,
    required,
    payloadOf: ({ kind, payload, payloadVersion }) => readPayload(required(kind), payload, payloadVersion),
  };
}

function readPayload(
  { name, version = 1, payload: schema }: AnyJobKind,
  payload: unknown,
  made: number,
): unknown {
  if (made !== version) throw new UnreadablePayloadError(name, `version ${made} where ${version} is known`);
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UnreadablePayloadError(
    name,
    `${['payload', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`,
  );
}
