import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

/** Whether the request begins and ends on this machine. A proxy in front makes every caller look local, so its
 *  headers count against it; and a page elsewhere can point a name of its own at 127.0.0.1, so the name counts too. */
export function isLocal(request: IncomingMessage): boolean {
  const { headers, socket } = request;
  const proxied = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (name) => headers[name] !== undefined,
  );
  return !proxied && isLoopback(socket.remoteAddress ?? '') && isLocalName(hostOf(headers.host ?? ''));
}

/** Whether an address is of the loopback network, also written as IPv6. */
export function isLoopback(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return ipaddr.process(text).range() === 'loopback';
}

/** Whether a host to listen on is reached from this machine alone. */
export const isLoopbackHost = (host: string): boolean => host === 'localhost' || isLoopback(host);

const hostOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[|\]$/g, '')
    .toLowerCase();

const isLocalName = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || isLoopback(host);
