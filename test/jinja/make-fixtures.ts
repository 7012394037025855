/** Asks transformers about `constructs.ts` anew: `npx tsx test/jinja/make-fixtures.ts PYTHON` */
import { writeFileSync } from 'node:fs';
import { CONSTRUCTS, GIVEN } from './constructs';
import { askTransformers } from './oracle';

const [python = 'python3'] = process.argv.slice(2);
const answers = askTransformers(python, CONSTRUCTS, [GIVEN]);
const fixtures = CONSTRUCTS.map((template, i) => ({ template, ...answers[i]?.[0] }));
writeFileSync(new URL('fixtures.json', import.meta.url), `${JSON.stringify(fixtures, null, 1)}\n`);
