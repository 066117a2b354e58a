import type { CuratedStyles } from '@freestyle/core/style-space';
import type { StoredEdit } from './options.js';

/** One line for people. @param before the space that the edit was made on: clusters are told by the names they had. */
export function describeEdit(edit: StoredEdit, before: CuratedStyles): string {
  const name = (key: string) => `“${before.clusters.find((one) => one.key === key)?.name ?? key}”`;
  switch (edit.kind) {
    case 'rename':
      return `${name(edit.cluster)} is called “${edit.name}”`;
    case 'recolour':
      return `${name(edit.cluster)} has another colour`;
    case 'merge':
      return `${edit.clusters.map(name).join(' and ')} are one: “${edit.name}”`;
    case 'split':
      return `${name(edit.cluster)} is split into ${edit.into}`;
    case 'pin':
      return `${pictures(edit.rows.length)} pinned to ${name(edit.cluster)}`;
    case 'unpin':
      return `${pictures(edit.rows.length)} let go`;
    case 'move':
      return `${pictures(edit.rows.length)} moved to ${edit.cluster === null ? 'no cluster' : name(edit.cluster)}`;
  }
}

const pictures = (count: number) => (count === 1 ? '1 picture' : `${count} pictures`);
