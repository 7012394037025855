/** `npm run licences` and `npm run sbom`, over what was built last. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMetadata } from '../stage';
import { components } from './components';
import { refusedLicences } from './licences';
import { sbom } from './sbom';

const root = join(import.meta.dirname, '..', '..');
const all = components(root);
const [, , task] = process.argv;

if (task === 'licences') {
  const refused = refusedLicences(all);
  for (const line of refused) console.error(line);
  console.log(`${all.length} components, ${refused.length} with a licence that is not on the list`);
  process.exitCode = refused.length > 0 ? 1 : 0;
} else if (task === 'sbom') {
  const file = join(root, 'dist', 'packages', 'sbom.cdx.json');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, sbom(readMetadata(root), all));
  console.log(file);
} else {
  console.error('Say licences or sbom.');
  process.exitCode = 1;
}
