import { expect, it } from 'vitest';
import { signingOf } from '../../packaging/signing';

it('signs where a certificate is named, and says what is missing where none is', () => {
  expect(signingOf('linux', {})).toEqual({ isSigned: false, isNotarised: false, notice: '' });
  expect(signingOf('darwin', {})).toMatchObject({
    isSigned: false,
    notice: expect.stringContaining('CSC_LINK'),
  });
  expect(signingOf('win32', { CSC_LINK: '' })).toMatchObject({ isSigned: false });
  expect(signingOf('win32', { WIN_CSC_LINK: 'a.p12' })).toEqual({
    isSigned: true,
    isNotarised: false,
    notice: '',
  });
});

it('has Apple notarise what is signed, where all that it asks for is there', () => {
  const key = { APPLE_API_KEY: 'k.p8', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' };
  expect(signingOf('darwin', key).isNotarised).toBe(false);
  expect(signingOf('darwin', { CSC_NAME: 'Us', ...key })).toEqual({
    isSigned: true,
    isNotarised: true,
    notice: '',
  });
  const half = signingOf('darwin', { CSC_LINK: 'a.p12', APPLE_API_KEY: 'k.p8' });
  expect(half).toMatchObject({
    isSigned: true,
    isNotarised: false,
    notice: expect.stringContaining('not notarised'),
  });
});
