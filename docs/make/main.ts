/** `npm run docs`: writes the pages that are made from the source. */
import { writeFileSync } from 'node:fs';
import { MADE_PAGES } from './pages';

for (const [name, page] of Object.entries(MADE_PAGES)) {
  writeFileSync(new URL(`../${name}`, import.meta.url), page());
}
