import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError, systemErrorCode } from '../errors.js';

/** @param port 0 takes any free one. @throws {StartError} if the address cannot be taken. */
export function listen(http: Server, host: string, port: number): Promise<{ url: string; port: number }> {
  return new Promise((resolveAddress, reject) => {
    http.once('error', (error) => reject(listenFailure(error, host, port)));
    http.listen(port, host, () => {
      const { port: taken } = http.address() as AddressInfo;
      const name = host.includes(':') ? `[${host}]` : host;
      resolveAddress({ url: `http://${name}:${taken}`, port: taken });
    });
  });
}

function listenFailure(error: Error, host: string, port: number): StartError {
  if (systemErrorCode(error) === 'EADDRINUSE') {
    return new StartError('PORT_BUSY', `Port ${port} is in use; choose another one with --port.`, error);
  }
  return new StartError('ADDRESS_UNUSABLE', `Cannot listen on ${host}:${port}: ${error.message}`, error);
}

// Long enough for a search; an import's page that polls must not hold the end up.
const GRACE_MS = 3000;

/** Answers what is under way, for a moment, and takes nothing new. */
export async function closeHttp(http: Server): Promise<void> {
  const closed = new Promise<void>((done) => http.close(() => done()));
  http.closeIdleConnections();
  const timer = setTimeout(() => http.closeAllConnections(), GRACE_MS);
  await closed;
  clearTimeout(timer);
}
