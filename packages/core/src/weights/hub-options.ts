import { homedir } from 'node:os';
import { join } from 'node:path';
import type { ProxySettings } from './hub-request.js';
import type { HubOptions } from './model-hub.js';

/** Hub settings from environment variables, which the caller reads: `FREESTYLE_CACHE` (folder, `~/.cache/freestyle`
 *  by default), `HF_ENDPOINT`, `HF_TOKEN`, `HF_HUB_OFFLINE=1`, and the usual proxy variables in either case. */
export function hubOptionsFrom(env: Readonly<Record<string, string | undefined>>): HubOptions {
  const proxy: ProxySettings = {
    ...given('http', env.http_proxy ?? env.HTTP_PROXY),
    ...given('https', env.https_proxy ?? env.HTTPS_PROXY),
    ...given('no', env.no_proxy ?? env.NO_PROXY),
  };
  return {
    cacheFolder: env.FREESTYLE_CACHE || join(homedir(), '.cache', 'freestyle'),
    ...given('baseUrl', env.HF_ENDPOINT),
    ...given('token', env.HF_TOKEN),
    offline: env.HF_HUB_OFFLINE === '1' || env.HF_HUB_OFFLINE?.toLowerCase() === 'true',
    proxy,
  };
}

const given = <K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } =>
  value ? ({ [key]: value } as { readonly [P in K]: string }) : {};
