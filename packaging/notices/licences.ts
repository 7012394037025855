/** `npm run licences`: fails where something is shipped under a licence that is not on the list. */
import satisfies from 'spdx-satisfies';
import type { Component } from './components';

/** Licences that ask for no more than their notice. */
const ALLOWED = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'Zlib',
  'Unlicense',
];

/** Microsoft's terms for what comes with its runtime on Windows: no licence of SPDX's. To be read before a release. */
const OWN_TERMS = ['LicenseRef-Microsoft-DirectML', 'LicenseRef-Microsoft-DXC'];

/** One line for each that may not be shipped. */
export function refusedLicences(
  components: readonly Pick<Component, 'name' | 'version' | 'licence'>[],
): string[] {
  return components
    .filter(({ licence }) => !OWN_TERMS.includes(licence) && !isAllowed(licence))
    .map(({ name, version, licence }) => `${name} ${version}: ${licence || 'no licence'} is not on the list`);
}

function isAllowed(licence: string): boolean {
  try {
    return satisfies(licence, ALLOWED);
  } catch {
    // No SPDX expression.
    return false;
  }
}
