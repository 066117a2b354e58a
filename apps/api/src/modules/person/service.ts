import type { Access } from '../../platform/auth/access.js';
import type { Person, SessionWithPerson } from '../../platform/auth/auth-repository.js';
import { type Caller, hasRole, type Role } from '../../platform/auth/caller.js';
import { hashPassword, isPassword } from '../../platform/auth/password.js';
import type { KeysetPage } from '../../platform/database/paging.js';
import { checkStorable } from '../../platform/database/text.js';
import { isUuid } from '../../platform/database/uuid.js';
import { ConflictError, ForbiddenError, NotFoundError, ValidationError } from '../../platform/errors.js';

export interface NewPersonInput {
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly password: string;
  readonly datasetIds: readonly string[] | null;
}

export interface PersonEdit {
  readonly name?: string | null | undefined;
  readonly role?: Role | null | undefined;
  /** Absent for no change, null for all. */
  readonly datasetIds?: readonly string[] | null | undefined;
  readonly disabled?: boolean | null | undefined;
  readonly password?: string | null | undefined;
}

export interface PersonService {
  byIds(ids: readonly string[]): Promise<Person[]>;
  page(page: KeysetPage): Promise<Person[]>;
  /** @throws {ValidationError} @throws {ConflictError} for an address that is taken. */
  create(input: NewPersonInput): Promise<Person>;
  /** @throws {NotFoundError} @throws {ConflictError} where nobody would be left to administer. */
  change(id: string, edit: PersonEdit): Promise<Person>;
  /** A person's own, by who is asking. @throws {ForbiddenError} @throws {ValidationError} */
  changePassword(caller: Caller | null, current: string, next: string): Promise<void>;
  /** Of the caller; an administrator sees everybody's. */
  sessions(caller: Caller): Promise<SessionWithPerson[]>;
  /** @throws {NotFoundError} for one that is not there, or is somebody else's. */
  endSession(caller: Caller, id: string): Promise<void>;
}

const NAME_LENGTH = 200;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,250}$/;

/** Who may sign in. */
export function createPersonService({ repository, forget }: Access): PersonService {
  async function required(id: string): Promise<Person> {
    const [person] = isUuid(id) ? await repository.peopleByIds([id]) : [];
    if (person === undefined) throw new NotFoundError('There is no such person.');
    return person;
  }
  return {
    byIds: (ids) => repository.peopleByIds(ids.filter(isUuid)),
    page: (page) => repository.people(page),
    async create({ email, name, password, ...rest }) {
      const address = email.trim().toLowerCase();
      if (!EMAIL.test(address))
        throw ValidationError.at(['input', 'email'], 'expected an address such as ada@example.org');
      checkStorable(address, ['input', 'email']);
      const passwordHash = await hashPassword(password, ['input', 'password']);
      const made = await repository.createPerson({
        ...rest,
        email: address,
        name: nameOf(name),
        passwordHash,
      });
      if (made === null) throw new ConflictError(`Somebody with the address ${address} is there already.`);
      forget();
      return made;
    },
    async change(id, { name, role, datasetIds, disabled, password }) {
      const person = await required(id);
      const staysAdmin = (role ?? person.role) === 'ADMIN' && !(disabled ?? person.disabledAt !== null);
      const isAdmin = person.role === 'ADMIN' && person.disabledAt === null;
      if (isAdmin && !staysAdmin && (await repository.countAdmins()) <= 1) {
        throw new ConflictError(
          'Nobody else could administer this server; make somebody else an administrator first.',
        );
      }
      const changed = await repository.changePerson(id, {
        ...(typeof name === 'string' && { name: nameOf(name) }),
        ...(role && { role }),
        ...(datasetIds !== undefined && { datasetIds }),
        ...(typeof disabled === 'boolean' && { disabledAt: disabled ? new Date() : null }),
        ...(typeof password === 'string' && {
          passwordHash: await hashPassword(password, ['input', 'password']),
        }),
      });
      // Whoever had the old password, or was let in before, comes in no more.
      if (disabled === true || typeof password === 'string') await repository.endSessionsOf(id, null);
      forget();
      return changed;
    },
    async changePassword(caller, current, next) {
      if (caller?.kind !== 'PERSON' || !caller.id) {
        throw new ForbiddenError('Only somebody who has signed in with a password has one to change.');
      }
      const person = await required(caller.id);
      if (!(await isPassword(current, person.passwordHash))) {
        throw ValidationError.at(['current'], 'this is not the password that you have now');
      }
      await repository.changePerson(person.id, { passwordHash: await hashPassword(next, ['next']) });
      await repository.endSessionsOf(person.id, caller.sessionId ?? null);
      forget();
    },
    sessions: (caller) => repository.sessions(ownOf(caller)),
    async endSession(caller, id) {
      const [session] = isUuid(id) ? await repository.sessionsByIds([id]) : [];
      const own = ownOf(caller);
      if (session === undefined || (own !== null && session.personId !== own)) {
        throw new NotFoundError('There is no such session.');
      }
      await repository.endSession(id);
      forget();
    },
  };
}

const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Null for whoever may see everybody's. */
const ownOf = (caller: Caller): string | null => (hasRole(caller, 'ADMIN') ? null : (caller.id ?? NOBODY));

function nameOf(text: string): string {
  const name = text.trim();
  if (name === '' || name.length > NAME_LENGTH) {
    throw ValidationError.at(['input', 'name'], `expected a name of 1 to ${NAME_LENGTH} characters`);
  }
  checkStorable(name, ['input', 'name']);
  return name;
}
