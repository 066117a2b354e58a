import express, { type RequestHandler } from 'express';
import { BadRequestError } from '../errors.js';

export interface JsonLimits {
  readonly maxBytes: number;
  /** Lists and objects inside each other. */
  readonly maxDepth: number;
  /** Values in all: what parsing and checking them costs follows their number. */
  readonly maxValues: number;
  /** Members of one object. */
  readonly maxMembers: number;
  /** Elements of one list. */
  readonly maxElements: number;
}

/** Reads a body of JSON after a look at its shape, which costs a few milliseconds a megabyte, so that no body takes long
 *  to parse. Nothing is read of a caller who was refused before. @throws {BadRequestError} @throws 413 */
export function jsonBody(limits: JsonLimits): RequestHandler[] {
  return [
    express.raw({ type: 'application/json', limit: limits.maxBytes }),
    (request, _response, next) => {
      const bytes: unknown = request.body;
      if (Buffer.isBuffer(bytes)) request.body = bytes.length === 0 ? undefined : parseJson(bytes, limits);
      next();
    },
  ];
}

/** @throws {BadRequestError} for a shape over the limits, and for what is no JSON. */
export function parseJson(bytes: Uint8Array, limits: JsonLimits): unknown {
  checkShape(bytes, limits);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new BadRequestError('The body is not JSON in UTF-8.', cause);
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const OPEN_OBJECT = 0x7b;
const CLOSE_LIST = 0x5d;
const CLOSE_OBJECT = 0x7d;

/** Counts in the bytes: texts are passed over, and whether the rest is JSON is for the parser to say. */
function checkShape(bytes: Uint8Array, { maxDepth, maxValues, maxMembers, maxElements }: JsonLimits): void {
  const commas = new Uint32Array(maxDepth + 1);
  const most = new Uint32Array(maxDepth + 1);
  let depth = 0;
  let values = 1;
  for (let i = 0; i < bytes.length; i++) {
    switch (bytes[i]) {
      case QUOTE:
        i = endOfText(bytes, i);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        depth += 1;
        values += 1;
        if (depth > maxDepth)
          throw new BadRequestError(`The body is nested more than ${maxDepth} levels deep.`);
        commas[depth] = 0;
        most[depth] = bytes[i] === OPEN_LIST ? maxElements : maxMembers;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth = Math.max(0, depth - 1);
        break;
      case COMMA: {
        values += 1;
        const count = (commas[depth] ?? 0) + 1;
        commas[depth] = count;
        if (depth > 0 && count >= (most[depth] ?? 0)) {
          const what = most[depth] === maxElements ? 'A list' : 'An object';
          throw new BadRequestError(`${what} of the body has more than ${most[depth]} entries.`);
        }
        break;
      }
    }
    if (values > maxValues) throw new BadRequestError(`The body has more than ${maxValues} values.`);
  }
}

/** Where the text that begins at `start` ends. */
function endOfText(bytes: Uint8Array, start: number): number {
  for (let end = start + 1; ; end++) {
    end = bytes.indexOf(QUOTE, end);
    if (end < 0) return bytes.length;
    let slashes = 0;
    while (bytes[end - 1 - slashes] === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}
