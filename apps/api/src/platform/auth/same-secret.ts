import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are equal, in a time that says nothing about where they differ, nor how long the right one is. */
export const sameSecret = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

// Hashed first, because the comparison in constant time wants equal lengths.
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
