import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { addressesOf } from './addresses.js';

const address = (text: string, internal = false) =>
  ({ address: text, family: text.includes(':') ? 'IPv6' : 'IPv4', internal }) as NetworkInterfaceInfo;
const interfaces = {
  lo: [address('127.0.0.1', true), address('::1', true)],
  eth0: [address('192.168.1.5'), address('fe80::1')],
};

it.each(['http://0.0.0.0:4000', 'http://[::]:4000'])('%s is told as addresses that can be opened', (url) => {
  expect(addressesOf(url, interfaces)).toEqual({
    here: 'http://127.0.0.1:4000',
    elsewhere: ['http://192.168.1.5:4000'],
  });
});

it('an address that was chosen is told as it is', () => {
  const url = 'http://127.0.0.1:4000';
  expect(addressesOf(url, interfaces)).toEqual({ here: url, elsewhere: [] });
});
