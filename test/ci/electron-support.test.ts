/** Electron's schedule: the newest three majors are mended, and a new one comes every eight weeks. */
import { expect, it } from 'vitest';
import { electronSupport } from './electron-support';

const PUBLISHED = {
  created: '2013-01-01T00:00:00.000Z',
  '43.0.0': '2026-07-01T02:01:30.497Z',
  '44.0.0': '2026-08-25T04:51:59.651Z',
  '44.11.5': '2026-11-19T00:45:49.000Z',
  '45.0.0': '2026-10-21T06:03:52.000Z',
  '45.4.1': '2026-11-19T02:04:13.000Z',
  '45.5.0': '2026-11-24T20:36:15.000Z',
  '46.0.0-beta.1': '2026-11-20T00:00:00.000Z',
  '47.0.0-nightly.20261120': '2026-11-20T00:00:00.000Z',
};

it.each([
  ['45.5.0', true, 'Electron 45.5.0 is supported, until about 2027-04-07.'],
  ['45.4.1', true, 'Electron 45.4.1 is supported, until about 2027-04-07; 45.5.0 mends more than it.'],
  ['44.9.0', true, 'Electron 44.9.0 is supported, until about 2027-02-10; 44.11.5 mends more than it.'],
  ['43.0.0', true, 'Electron 43.0.0 is supported, until about 2026-12-16.'],
  [
    '42.8.0',
    false,
    'Electron 42.8.0 is no longer supported: the newest is 45, mended are 43 and later. Update the electron package.',
  ],
])('%s', (installed, isSupported, words) => {
  expect(electronSupport(installed, PUBLISHED)).toEqual({ isSupported, words });
});
