import { createServer } from 'node:net';

/** Whether a port can be listened on: told now, before anything takes time.
 *  @returns {Promise<string | null>} what stands in the way, in one line */
export function portProblem(host, port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve(describe(error, host, port)));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

function describe(error, host, port) {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} is in use; choose another one with --port.`;
    case 'EACCES':
      return `port ${port} may not be used by this user; choose one above 1023 with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `this machine has no address ${host}; choose another one with --host.`;
    default:
      return `cannot listen on ${host}:${port}: ${error.message}`;
  }
}
