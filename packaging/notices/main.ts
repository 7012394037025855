/** `npm run licences` and `npm run sbom`, over what was built last. */
import { join } from 'node:path';
import { components } from './components';
import { refusedLicences } from './licences';
import { writeSbom } from './sbom';

const root = join(import.meta.dirname, '..', '..');
const all = components(root);
const [, , task] = process.argv;

if (task === 'licences') {
  const refused = refusedLicences(all);
  for (const line of refused) console.error(line);
  console.log(`${all.length} components, ${refused.length} with a licence that is not on the list`);
  process.exitCode = refused.length > 0 ? 1 : 0;
} else if (task === 'sbom') {
  console.log(writeSbom(root, join(root, 'dist', 'packages'), all));
} else {
  console.error('Say licences or sbom.');
  process.exitCode = 1;
}
