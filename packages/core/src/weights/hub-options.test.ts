import { expect, it } from 'vitest';
import { hubOptionsFrom } from './hub-options.js';

it('proxy settings are taken in either spelling, lower case first, and empty ones are none', () => {
  expect(
    hubOptionsFrom({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2', http_proxy: '', NO_PROXY: 'c' }),
  ).toMatchObject({
    proxy: { https: 'http://b:2', no: 'c' },
  });
  expect(hubOptionsFrom({ http_proxy: '' }).proxy).toEqual({});
});

it('addresses without a scheme get the usual one', () => {
  expect(hubOptionsFrom({ HTTP_PROXY: '10.0.0.1:3128', https_proxy: 'localhost:3128' }).proxy).toEqual({
    http: 'http://10.0.0.1:3128',
    https: 'http://localhost:3128',
  });
  expect(hubOptionsFrom({ HF_ENDPOINT: 'hf-mirror.com' }).baseUrl).toBe('https://hf-mirror.com');
});

it.each([
  ['HTTP_PROXY', 'http://user:secret@'],
  ['https_proxy', 'ftp://proxy:21'],
  ['HF_ENDPOINT', 'a b'],
])('what is no address is refused by the name of its variable, without its value: %s', (name, value) => {
  const read = () => hubOptionsFrom({ [name]: value });
  expect(read).toThrow(new RegExp(`environment variable ${name}: its value is no address`));
  expect(read).not.toThrow(new RegExp(value));
});

it('a mirror, a token, a cache folder and offline are heeded', () => {
  expect(
    hubOptionsFrom({ HF_ENDPOINT: 'http://m', HF_TOKEN: 't', FREESTYLE_CACHE: '/c', HF_HUB_OFFLINE: '1' }),
  ).toEqual({
    baseUrl: 'http://m',
    token: 't',
    cacheFolder: '/c',
    offline: true,
    proxy: {},
  });
});
