import { homedir } from 'node:os';
import { join } from 'node:path';
import { HubError } from './hub-error.js';
import type { ProxySettings } from './hub-request.js';
import type { HubOptions } from './model-hub.js';

/** Hub settings from environment variables, which the caller reads: `FREESTYLE_CACHE` (folder, `~/.cache/freestyle`
 *  by default), `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE=1`, and the usual proxy variables in either case.
 *  @throws {HubError} `HUB_ADDRESS` naming the variable that holds no address. */
export function hubOptionsFrom(env: Readonly<Record<string, string | undefined>>): HubOptions {
  const proxy: ProxySettings = {
    ...given('http', addressIn(env, ['http_proxy', 'HTTP_PROXY'], PROXY_SCHEMES)),
    ...given('https', addressIn(env, ['https_proxy', 'HTTPS_PROXY'], PROXY_SCHEMES)),
    ...given('no', env.no_proxy ?? env.NO_PROXY),
  };
  return {
    cacheFolder: env.FREESTYLE_CACHE || join(homedir(), '.cache', 'freestyle'),
    ...given('baseUrl', addressIn(env, ['HF_ENDPOINT'], ['https', 'http'])),
    ...given('token', env.HF_TOKEN),
    offline: env.HF_HUB_OFFLINE === '1' || env.HF_HUB_OFFLINE?.toLowerCase() === 'true',
    proxy,
  };
}

const given = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value ? ({ [key]: value } as { readonly [P in K]: string }) : {};

/** What the client can go through; the first is meant where none is written. */
const PROXY_SCHEMES = ['http', 'https', 'socks5', 'socks'];

/** The address in the first of these variables that is set, empty ones being none; `host:port` gets the first scheme. */
function addressIn(
  env: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  schemes: readonly string[],
): string | undefined {
  const name = names.find((one) => env[one] !== undefined) ?? '';
  const text = env[name]?.trim();
  if (!text) return undefined;
  const address = text.includes('://') ? text : `${schemes[0]}://${text}`;
  if (URL.canParse(address) && schemes.includes(new URL(address).protocol.slice(0, -1))) return address;
  // The value itself is not shown: it may hold a password.
  throw new HubError(
    'HUB_ADDRESS',
    `environment variable ${name}`,
    `its value is no address; expected one such as ${schemes[0]}://host:port (${schemes.join(', ')}), or unset it`,
  );
}
