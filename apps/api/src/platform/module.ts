import type { Request, Router } from 'express';
import type { Logger } from 'pino';
import type { Access } from './auth/access.js';
import type { Caller } from './auth/caller.js';
import type { Settings } from './config/settings.js';
import type { Database } from './database/open-database.js';
import type { LoaderMakers } from './graphql/loaders.js';
import { type AnyJobKind, createJobKinds, type JobKinds, type PartsOf } from './jobs/job-kind.js';
import type { PictureFetcher } from './net/fetch-picture.js';
import type { ModuleOptions, Services } from './services.js';
import type { BlobStore } from './storage/blob-store.js';
import type { PictureDecoder } from './storage/picture-decoder.js';
import type { UploadStore } from './storage/upload-store.js';
import type { Metrics } from './telemetry/metrics.js';

/** What the platform gives to every module. */
export interface Kernel {
  readonly database: Database;
  readonly prisma: Database['prisma'];
  /** Who may come in: keys, people, sessions, the audit log. */
  readonly access: Access;
  readonly settings: Settings;
  /** What this process measures of itself. */
  readonly metrics: Metrics;
  readonly blobs: BlobStore;
  /** Pictures that people search with. */
  readonly uploads: UploadStore;
  readonly fetchPicture: PictureFetcher;
  /** Decodes what callers send, under one budget. */
  readonly pictures: PictureDecoder;
  /** Absolute path of the folder with everything that is kept in files. */
  readonly dataDir: string;
  readonly log: Logger;
  readonly options: ModuleOptions;
  /** The kinds of jobs of all modules. */
  readonly jobKinds: JobKinds;
  /** Tells the worker of this process that a job waits. */
  wakeWorker(): void;
  /** Tells the database how large its tables have become, after work that adds much. */
  refreshStatistics(): Promise<void>;
  /** While modules are made: those of the modules before. Afterwards: all. */
  readonly services: Services;
}

/** What plain HTTP beside GraphQL has to know. */
export interface RouteParts {
  callerOf(request: Request): Caller | null;
}

/** A module at work. */
export interface ModuleParts {
  readonly services?: Partial<Services>;
  readonly jobParts?: unknown;
  /** HTTP beside GraphQL, for what is no question and no answer: files. */
  routes?(parts: RouteParts): readonly Router[];
  /** Its services for a caller who may see some datasets alone: nothing of others comes in or goes out by them. */
  scope?(datasets: ReadonlySet<string>): Partial<Services>;
  /** Begins what the module does by itself, once all modules are there. */
  start?(): void;
  /** Deletes what nobody came back for; called at the start and every hour. */
  sweep?(): Promise<unknown>;
  /** Ends what it holds. Modules are closed in the opposite order. */
  close?(): Promise<unknown>;
}

/** An entity with all that belongs to it: its folder holds repository, service, schema, loaders and kinds of jobs. */
export interface Module {
  readonly name: string;
  readonly loaders?: LoaderMakers;
  readonly jobs?: readonly AnyJobKind[];
  /** Makes the parts, the lower before the upper: repository, service, what HTTP and jobs need of them. */
  create?(kernel: Kernel): ModuleParts;
}

/** What the kinds of a module work with. */
type JobPartsOf<Kinds extends readonly AnyJobKind[]> = Kinds extends readonly []
  ? { readonly jobParts?: undefined }
  : { readonly jobParts: PartsOf<Kinds> };

/** To add a module is to add its folder, with a `module.ts` that gives this, and a line in the list of modules. */
export const defineModule = <const Kinds extends readonly AnyJobKind[] = readonly []>(
  module: Omit<Module, 'jobs' | 'create'> & {
    readonly jobs?: Kinds;
    create?(kernel: Kernel): Omit<ModuleParts, 'jobParts'> & JobPartsOf<Kinds>;
  },
): Module => module;

export interface RunningModules {
  readonly services: Services;
  /** The services as a caller may use them. */
  servicesFor(caller: Caller | null): Services;
  readonly loaders: LoaderMakers;
  /** The kinds of jobs of all modules, each with its parts in its hands. */
  readonly jobKinds: JobKinds;
  readonly parts: readonly ModuleParts[];
  close(): Promise<void>;
}

/** Makes the modules in the order of the list; each finds the services of those before it.
 *  @throws {Error} naming the module that asks for a service which none before it gives, or gives one again. */
export function createModules(
  modules: readonly Module[],
  base: Omit<Kernel, 'services' | 'jobKinds'>,
): RunningModules {
  const services: Record<string, unknown> = {};
  const loaders: Record<string, LoaderMakers[string]> = {};
  const jobKinds = createJobKinds(modules.flatMap(({ jobs = [] }) => jobs));
  const bound: AnyJobKind[] = [];
  const parts: ModuleParts[] = [];
  let current = '';
  const guarded = new Proxy(services, {
    get(given, name) {
      const service = given[String(name)];
      if (service === undefined)
        throw new Error(`${current}: no module before it gives the service ${String(name)}`);
      return service;
    },
  });
  for (const module of modules) {
    current = module.name;
    const made = module.create?.({ ...base, jobKinds, services: guarded as unknown as Services }) ?? {};
    addTo(services, made.services ?? {}, module.name);
    addTo(loaders, module.loaders ?? {}, module.name);
    bound.push(...(module.jobs ?? []).map((kind) => withParts(kind, made.jobParts)));
    parts.push(made);
  }
  current = 'after the start';
  return {
    services: services as unknown as Services,
    servicesFor: (caller) => servicesFor(services as unknown as Services, parts, caller),
    loaders,
    jobKinds: createJobKinds(bound),
    parts,
    async close() {
      for (const { close } of parts.toReversed()) await close?.();
    },
  };
}

function servicesFor(all: Services, parts: readonly ModuleParts[], caller: Caller | null): Services {
  if (!caller?.datasets) return all;
  const datasets: ReadonlySet<string> = new Set(caller.datasets);
  return Object.assign({ ...all }, ...parts.map(({ scope }) => scope?.(datasets) ?? {})) as Services;
}

const withParts = (kind: AnyJobKind, parts: unknown): AnyJobKind => ({
  ...kind,
  run: (run) => kind.run(run, parts),
  ...(kind.onSucceeded && { onSucceeded: (run) => Promise.resolve(kind.onSucceeded?.(run, parts)) }),
});

function addTo(all: Record<string, unknown>, more: Readonly<Record<string, unknown>>, module: string): void {
  for (const [name, one] of Object.entries(more)) {
    if (name in all) throw new Error(`${module}: another module gives ${name} already`);
    all[name] = one;
  }
}
