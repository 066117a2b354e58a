import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Whether a text is an address or a range such as `10.0.0.0/8`. */
export const isAddressRange = (text: string): boolean => rangeOf(text) !== null;

function rangeOf(text: string): Range | null {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    return null;
  }
}

/** Whose request it is, by address. What a header says counts only where the connection comes from a proxy that the
 *  settings trust, and then the last address in it that is no such proxy: those before it can be made up.
 *  @param trusted addresses or ranges of proxies. */
export function createClientAddress(trusted: readonly string[]): (request: IncomingMessage) => string {
  const list = trusted.map(rangeOf).filter((range): range is Range => range !== null);
  const isTrusted = (text: string): boolean => {
    if (!ipaddr.isValid(text)) return false;
    const address = ipaddr.process(text);
    return list.some((range) => address.kind() === range[0].kind() && matches(address, range));
  };
  return ({ socket, headers }) => {
    const direct = plain(socket.remoteAddress ?? 'unknown');
    if (list.length === 0 || !isTrusted(direct)) return direct;
    const told = String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => ipaddr.isValid(one));
    const client = told.findLast((one) => !isTrusted(one)) ?? told[0];
    return client === undefined ? direct : plain(client);
  };
}

const matches = (address: ipaddr.IPv4 | ipaddr.IPv6, [range, bits]: Range): boolean =>
  address instanceof ipaddr.IPv4
    ? range instanceof ipaddr.IPv4 && address.match(range, bits)
    : range instanceof ipaddr.IPv6 && address.match(range, bits);

const plain = (text: string): string => (ipaddr.isValid(text) ? ipaddr.process(text).toString() : text);
