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

/** Answers a WebSocket handshake at once instead of leaving it hanging: subscriptions are server-sent events here. */
export function refuseUpgrades(http: Server): void {
  const body = JSON.stringify({
    errors: [
      {
        message:
          'Subscriptions are server-sent events: POST them to /graphql with "accept: text/event-stream".',
        extensions: { code: 'BAD_REQUEST' },
      },
    ],
  });
  const head = `HTTP/1.1 501 Not Implemented\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  http.on('upgrade', (_request, socket) => {
    socket.on('error', () => {});
    socket.end(head + body);
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
