import { expect, it } from 'vitest';
import { refusedLicences } from '../../packaging/notices/licences';

it.each([
  ['MIT', true],
  ['(MIT OR GPL-3.0-only)', true],
  ['MIT AND ISC AND BSD-3-Clause', true],
  ['LicenseRef-Microsoft-DirectML', true],
  ['GPL-3.0-only', false],
  ['MIT AND AGPL-3.0-only', false],
  ['SEE LICENSE IN LICENSE.txt', false],
  ['', false],
])('a component under %j may be shipped: %s', (licence, isAllowed) => {
  const refused = refusedLicences([{ name: 'some', version: '1.0.0', licence }]);
  expect(refused).toHaveLength(isAllowed ? 0 : 1);
});
