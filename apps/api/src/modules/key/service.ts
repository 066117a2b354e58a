import type { Access } from '../../platform/auth/access.js';
import type { ApiKey } from '../../platform/auth/auth-repository.js';
import type { RateLimits, Role } from '../../platform/auth/caller.js';
import { hashSecret, newApiKey } from '../../platform/auth/secret-text.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, NotFoundError, ValidationError } from '../../platform/errors.js';

export interface NewApiKeyInput extends RateLimits {
  readonly name: string;
  readonly role: Role;
  readonly datasetIds: readonly string[] | null;
  readonly expiresAt: Date | null;
  /** Who makes it. */
  readonly by: string;
}

export interface KeyService {
  byIds(ids: readonly string[]): Promise<ApiKey[]>;
  page(page: KeysetPage): Promise<ApiKey[]>;
  /** @returns the key with the whole of it, which is kept nowhere. @throws {ValidationError} */
  create(input: NewApiKeyInput): Promise<{ readonly apiKey: ApiKey; readonly secret: string }>;
  /** @throws {NotFoundError} @throws {ConflictError} if it was revoked before. */
  revoke(id: string): Promise<ApiKey>;
}

const NAME_LENGTH = 120;
const MOST_REQUESTS = 1_000_000;
const MOST_SECONDS = 6000;

/** Keys of programs. */
export function createKeyService({ repository, forget }: Access): KeyService {
  return {
    byIds: (ids) => repository.keysByIds(ids.filter(isUuid)),
    page: (page) => repository.keys(page),
    async create({ name: given, by, ...rest }) {
      const name = given.trim();
      if (name === '' || name.length > NAME_LENGTH) {
        throw ValidationError.at(['input', 'name'], `expected a name of 1 to ${NAME_LENGTH} characters`);
      }
      checkStorable(name, ['input', 'name']);
      if (rest.expiresAt !== null && rest.expiresAt.getTime() <= Date.now()) {
        throw ValidationError.at(['input', 'expiresAt'], 'expected a moment that is still to come');
      }
      if (rest.datasetIds !== null && rest.datasetIds.length === 0) {
        throw ValidationError.at(
          ['input', 'datasetIds'],
          'expected at least one dataset; leave it out for all',
        );
      }
      checkLimit(rest.requestsPerMinute, MOST_REQUESTS, 'requestsPerMinute');
      checkLimit(rest.encoderSecondsPerMinute, MOST_SECONDS, 'encoderSecondsPerMinute');
      const { prefix, key } = newApiKey();
      const apiKey = await repository.createKey({
        ...rest,
        name,
        prefix,
        hash: hashSecret(key),
        createdBy: by,
      });
      return { apiKey, secret: key };
    },
    async revoke(id) {
      const [known] = isUuid(id) ? await repository.keysByIds([id]) : [];
      if (known === undefined) throw new NotFoundError('There is no such key.');
      const revoked = await repository.revokeKey(id);
      if (revoked === null) throw new ConflictError('This key was revoked before.');
      forget();
      return revoked;
    },
  };
}

function checkLimit(value: number | null, most: number, field: string): void {
  if (value === null || (value > 0 && value <= most)) return;
  throw ValidationError.at(['input', field], `expected more than 0 and at most ${most}, got ${value}`);
}
