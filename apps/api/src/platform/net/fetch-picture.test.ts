import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createPictureFetcher, type FetcherOptions, isPublicAddress } from './fetch-picture.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return (server.address() as AddressInfo).port;
}

/** Resolves names as told, each call one step further, so that a name can change its mind. */
const names =
  (...answers: string[]): LookupFunction =>
  (_hostname, _options, callback) => {
    const address = answers.length > 1 ? (answers.shift() ?? '') : (answers[0] ?? '');
    callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
  };

/** Lets a test's own server pass for a public one. */
const asIfPublic = (options: FetcherOptions = {}): FetcherOptions => ({
  isAllowed: (address) => address === '127.0.0.1' || isPublicAddress(address),
  lookup: names('127.0.0.1'),
  ...options,
});

const fetchFrom = async (url: string, options?: FetcherOptions) => {
  const fetcher = createPictureFetcher(options);
  try {
    return await fetcher(url, ['url']);
  } finally {
    await fetcher.close();
  }
};

describe('an address that is not public', () => {
  it.each([
    'http://127.0.0.1/a.png',
    'http://127.1/a.png',
    'http://2130706433/a.png',
    'http://0x7f.0.0.1/a.png',
    'http://0177.0.0.1/a.png',
    'http://0.0.0.0/a.png',
    'http://[::1]/a.png',
    'http://[::ffff:127.0.0.1]/a.png',
    'http://[::ffff:a00:1]/a.png',
    'http://[64:ff9b::7f00:1]/a.png',
    'http://[fe80::1]/a.png',
    'http://[fd00::1]/a.png',
    'http://10.0.0.1/a.png',
    'http://172.16.5.4/a.png',
    'http://192.168.1.1/a.png',
    'http://100.64.0.1/a.png',
    'http://169.254.169.254/latest/meta-data',
    'http://224.0.0.1/a.png',
    'http://255.255.255.255/a.png',
    'http://localhost/a.png',
  ])('is not fetched from: %s', async (url) => {
    await expect(fetchFrom(url)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining('private network'),
    });
  });

  it.each([
    'ftp://example.org/a.png',
    'file:///etc/passwd',
    'data:image/png;base64,AA==',
    'no address',
    'http://user:secret@example.org/',
  ])('nor is what is no plain web address: %s', async (url) => {
    await expect(fetchFrom(url)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('is not fetched from if a name leads to it', async () => {
    const port = await serve((_request, response) => response.end('secret'));
    for (const address of ['127.0.0.1', '10.1.2.3', '::1', '::ffff:169.254.169.254']) {
      await expect(
        fetchFrom(`http://pictures.example:${port}/`, { lookup: names(address) }),
      ).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    }
  });

  it('is not fetched from if only one of a name’s addresses is private', async () => {
    const both: LookupFunction = (_hostname, _options, callback) =>
      callback(null, [
        { address: '93.184.216.34', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    await expect(fetchFrom('http://pictures.example/', { lookup: both })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
  });

  it('is not reached through a redirect, neither by number nor by name', async () => {
    let reached = false;
    const inner = await serve((_request, response) => {
      reached = true;
      response.end('secret');
    });
    for (const location of [
      `http://10.0.0.1:${inner}/`,
      `http://[::1]:${inner}/`,
      `http://inner.example:${inner}/`,
    ]) {
      const outer = await serve((_request, response) => response.writeHead(302, { location }).end());
      const lookup = names('127.0.0.1', '192.168.0.1');
      await expect(fetchFrom(`http://outer.example:${outer}/`, asIfPublic({ lookup }))).rejects.toMatchObject(
        {
          code: 'BAD_USER_INPUT',
        },
      );
    }
    expect(reached).toBe(false);
  });

  it('is not reached by a name that resolves differently the second time', async () => {
    let connections = 0;
    const port = await serve((_request, response) => {
      connections += 1;
      response.end('picture');
    });
    // The first answer passes the check; were the name resolved again to connect, it would lead elsewhere.
    const lookup = names('127.0.0.1', '10.0.0.1');
    const bytes = await fetchFrom(`http://rebinding.example:${port}/`, asIfPublic({ lookup }));
    expect(Buffer.from(bytes).toString()).toBe('picture');
    expect(connections).toBe(1);
  });
});

describe('a fetch', () => {
  it('follows redirects to public addresses, three at most', async () => {
    const port = await serve((request, response) => {
      const step = Number(request.url?.slice(1));
      if (step === 0) response.end('picture');
      else response.writeHead(301, { location: `/${step - 1}` }).end();
    });
    const url = (steps: number) => `http://pictures.example:${port}/${steps}`;
    expect(Buffer.from(await fetchFrom(url(3), asIfPublic())).toString()).toBe('picture');
    await expect(fetchFrom(url(4), asIfPublic())).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('stops at the limit of bytes, told or not', async () => {
    const big = Buffer.alloc(5000);
    const told = await serve((_request, response) =>
      response.writeHead(200, { 'content-length': big.length }).end(big),
    );
    const untold = await serve((_request, response) => {
      response.write(big);
      response.end();
    });
    for (const port of [told, untold]) {
      const limited = asIfPublic({ limits: { maxBytes: 4999 } });
      await expect(fetchFrom(`http://pictures.example:${port}/`, limited)).rejects.toMatchObject({
        code: 'TOO_LARGE',
      });
    }
  });

  it('stops at the limit of time, also where bytes keep dripping', async () => {
    const port = await serve((_request, response) => {
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    const hurried = asIfPublic({ limits: { timeoutMs: 300 } });
    await expect(fetchFrom(`http://pictures.example:${port}/`, hurried)).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });

  it('says what a failing address answered', async () => {
    const port = await serve((_request, response) => response.writeHead(404).end());
    await expect(fetchFrom(`http://pictures.example:${port}/`, asIfPublic())).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: 'url: the address answered with status 404',
    });
  });
});
