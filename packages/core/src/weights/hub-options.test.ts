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
