import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

export interface Addresses {
  /** Opens the product on this machine. */
  readonly here: string;
  /** Open it on others; none where it listens for this machine alone. */
  readonly elsewhere: readonly string[];
}

const EVERY_ADDRESS = ['0.0.0.0', '::'];

/** The addresses that a person can type. One that stands for all of this machine's, `0.0.0.0`, is not among them.
 *  @param url where the server listens */
export function addressesOf(
  url: string,
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
): Addresses {
  const { hostname, port } = new URL(url);
  if (!EVERY_ADDRESS.includes(hostname.replace(/^\[|\]$/g, ''))) return { here: url, elsewhere: [] };
  const own = Object.values(interfaces).flatMap((addresses) => addresses ?? []);
  return {
    here: `http://127.0.0.1:${port}`,
    elsewhere: own
      .filter(({ internal, family }) => !internal && family === 'IPv4')
      .map(({ address }) => `http://${address}:${port}`),
  };
}
