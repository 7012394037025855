/** `npm run docs`: writes the pages that are made from the source; with `--check` it only says which are not current. */
import { readFileSync, writeFileSync } from 'node:fs';
import { MADE_PAGES } from './pages';

const isCheck = process.argv.includes('--check');
for (const [name, page] of Object.entries(MADE_PAGES)) {
  const file = new URL(`../${name}`, import.meta.url);
  const text = page();
  if (!isCheck) writeFileSync(file, text);
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(`docs/${name} is not what the source gives: run npm run docs`);
    process.exitCode = 1;
  }
}
