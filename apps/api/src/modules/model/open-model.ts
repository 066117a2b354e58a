import { Worker } from 'node:worker_threads';
import {
  CoreError,
  type EmbeddingModel,
  type HubOptions,
  hubOptionsFrom,
  type ProviderRequest,
  type RgbImage,
} from '@freestyle/core';

/** What a model says of itself. */
type Call = 'encodeImages' | 'encodeTexts' | 'encodeQueries' | 'readableLengths' | 'close';
type ModelFacts = Omit<EmbeddingModel, Call>;

interface Failure {
  readonly message: string;
  readonly stack?: string;
  /** Of an error of the system, `ENOENT` and the like. */
  readonly code?: string;
  /** Of an error that core throws on purpose. */
  readonly core: { readonly code: string; readonly data: Readonly<Record<string, unknown>> } | null;
}

type Answer =
  | { readonly opened: ModelFacts }
  | { readonly id: number; readonly result: unknown }
  | { readonly id?: number; readonly failure: Failure };

interface Waiting {
  resolve(result: unknown): void;
  reject(reason: Error): void;
}

const ENTRY = new URL('../../../workers/model.mjs', import.meta.url);

export interface OpenModelOptions {
  /** Where models come from that are not there yet; the public hub and the usual folder unless given. */
  readonly hub?: HubOptions | undefined;
  /** Folder of a query tower's bundle that goes on the backbone of that name. */
  readonly query?: string | null | undefined;
  /** Threads of its sessions; as many as there are unless given. */
  readonly threads?: number | undefined;
}

/** Opens a model by name on the provider that was asked for, or on the best one that works. It runs on a thread of its
 *  own, so that requests and imports go on while it computes; a thread that dies is replaced at the next call.
 *  @throws {CoreError} naming the models that there are, or why the provider cannot run. */
export function openModel(
  name: string,
  request: ProviderRequest,
  { hub = hubOptionsFrom({}), query, threads }: OpenModelOptions = {},
): Promise<EmbeddingModel> {
  const workerData = { name, request, hub, ...(query && { query }), ...(threads && { threads }) };
  // No flags of this process: a condition that leads to sources would lead a plain thread astray.
  return modelOn(() => new Worker(ENTRY, { execArgv: [], workerData }));
}

/** The model that a thread of `workers/model.mjs` runs. @param start begins such a thread. */
export async function modelOn(start: () => Worker): Promise<EmbeddingModel> {
  let opening = openThread(start());
  const { facts } = await opening;
  let closed = false;
  /** Those that call while a thread is being replaced wait for the same one. */
  const living = async (): Promise<ModelThread> => {
    const now = opening;
    const thread = await now.catch(() => null);
    if (thread !== null && !thread.ended) return thread;
    if (opening === now) opening = openThread(start());
    const { facts: again } = await opening;
    // Vectors of another space under this one's name would be found by nothing, and never be told.
    if (again.spaceHash !== facts.spaceHash || again.queryHash !== facts.queryHash)
      throw new Error(
        `the model ${facts.name} is another one on disk than at the start: start the server again`,
      );
    return opening;
  };
  const call = async <T>(what: Call, ...args: readonly unknown[]): Promise<T> => {
    if (closed) throw new Error(`the model ${facts.name} is closed`);
    const thread = await living();
    return (await thread.call(what, args)) as T;
  };
  return {
    ...facts,
    encodeImages: (images) => call('encodeImages', images.map(whole)),
    encodeTexts: (texts) => call('encodeTexts', texts),
    encodeQueries: (images, style) => call('encodeQueries', images.map(whole), style),
    readableLengths: async (texts) =>
      (await call<(number | null)[] | undefined>('readableLengths', texts)) ?? texts.map(() => null),
    async close() {
      if (closed) return;
      closed = true;
      await opening.then((thread) => thread.close()).catch(() => {});
    },
  };
}

/** A picture whose memory holds nothing else: what is sent to a thread is copied with all that lies around it. */
const whole = ({ width, height, data }: RgbImage): RgbImage => ({
  width,
  height,
  data: data.byteLength === data.buffer.byteLength ? data : new Uint8Array(data),
});

interface ModelThread {
  readonly facts: ModelFacts;
  readonly ended: boolean;
  call(what: Call, args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

function openThread(worker: Worker): Promise<ModelThread> {
  const waiting = new Map<number, Waiting>();
  let next = 0;
  let ended = false;
  const exited = new Promise<void>((done) => worker.once('exit', () => done()));

  const call = (what: Call, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve, reject });
      // Work under way keeps the process alive, a model that is only there does not.
      worker.ref();
      worker.postMessage({ id, call: what, args });
    });

  return new Promise((resolve, reject) => {
    const end = (reason: Error) => {
      ended = true;
      reject(reason);
      for (const one of waiting.values()) one.reject(reason);
      waiting.clear();
    };
    worker.on('error', (error: Error) =>
      end(new Error(`the thread of the model died: ${error.message}`, { cause: error })),
    );
    worker.once('exit', () => end(new Error('the thread of the model ended')));
    worker.on('message', (answer: Answer) => {
      if ('opened' in answer) {
        worker.unref();
        resolve({
          facts: answer.opened,
          get ended() {
            return ended;
          },
          call,
          async close() {
            if (!ended) await call('close', []).catch(() => {});
            worker.ref();
            await exited;
          },
        });
        return;
      }
      const one = answer.id === undefined ? undefined : waiting.get(answer.id);
      if (answer.id !== undefined) waiting.delete(answer.id);
      if (waiting.size === 0) worker.unref();
      if ('failure' in answer) {
        const reason = errorOf(answer.failure);
        if (one) one.reject(reason);
        else {
          reject(reason);
          void worker.terminate();
        }
      } else one?.resolve(answer.result);
    });
  });
}

function errorOf({ message, stack, code, core }: Failure): Error {
  const error = core ? new CoreError(core.code, message, core.data) : new Error(message);
  if (stack !== undefined) error.stack = stack;
  if (code !== undefined) Object.assign(error, { code });
  return error;
}
