/** Whatever is shipped is named in the notices, with the text of its licence, and in the bill of materials. */
import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { beforeAll, expect, it } from 'vitest';
import { buildIfStale, PROCESSES, WINDOW } from '../../electron/build';
import { components, runtimeNotices } from '../../packaging/notices/components';
import { refusedLicences } from '../../packaging/notices/licences';
import { sbom } from '../../packaging/notices/sbom';
import { readMetadata } from '../../packaging/stage';
import { sourceFiles } from '../architecture/rooms';
import { filesBelow, ROOT } from '../packaging/packaged';

beforeAll(async () => {
  await buildIfStale(ROOT, PROCESSES);
  await buildIfStale(ROOT, WINDOW);
});

const namesOf = () => new Set(components(ROOT).map(({ name }) => name));

/** `@owner/name` or `name`, of a path below node_modules or of an import. */
const packageOf = (path: string) => /^(@[^/]+\/)?[^/]+/.exec(path)![0];

/** By the bundles' source maps: another way than the bundler's own list. */
function packagesInMaps(): string[] {
  const folder = join(ROOT, 'dist', 'electron');
  return filesBelow(folder)
    .filter((name) => name.endsWith('.map'))
    .flatMap(
      (name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { sources: string[] }).sources,
    )
    .filter((source) => source.includes('node_modules/'))
    .map((source) => packageOf(source.slice(source.lastIndexOf('node_modules/') + 'node_modules/'.length)));
}

/** Packages that the shipped sources import by name, other than for their types. */
function packagesImported(): string[] {
  const shipped = sourceFiles(ROOT).filter(
    (file) => /^(engine|electron|renderer)\//.test(file) && !isTool(file),
  );
  return shipped.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    const found = [
      ...text.matchAll(/^(?:import|export)(?! type)[^;]*?from '([^'.][^']*)'|^import '([^'.][^']*)'/gm),
    ];
    return found.map(([, from, bare]) => packageOf((from ?? bare)!)).filter((name) => !isBuiltin(name));
  });
}

/** What runs from the checkout alone. */
const isTool = (file: string) =>
  /^electron\/(build|fetch-runtime|runtime|start|vite\.config)\.ts$|^engine\/cli\//.test(file);

it('names every package that the processes are bundled from', () => {
  const found = new Set(packagesInMaps());
  expect(found.size).toBeGreaterThan(10);
  expect([...found].filter((name) => !namesOf().has(name))).toEqual([]);
});

it('names every package that the sources import, and each is a dependency, not a tool', () => {
  const found = new Set(packagesImported());
  expect(found.size).toBeGreaterThan(20);
  // radix-ui is re-exports alone, and leaves nothing of its own in a bundle; its parts are named.
  expect([...found].filter((name) => !namesOf().has(name))).toEqual(['radix-ui']);
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  expect([...found].filter((name) => name !== 'electron' && !(name in dependencies))).toEqual([]);
});

it('gives each its licence, and what onnxruntime is made of', () => {
  const notices = readFileSync(join(ROOT, 'dist', 'renderer', 'notices.txt'), 'utf8');
  for (const { name, version, licence, text } of components(ROOT)) {
    expect(notices).toContain(`  ${name} ${version} (${licence})\n`);
    expect(text).toMatch(/copyright|licen[cs]e/i);
    expect(notices).toContain(text.replaceAll('\r\n', '\n'));
  }
  expect(notices).toContain(runtimeNotices(ROOT));
  expect(notices).toContain(readFileSync(join(ROOT, 'NOTICE'), 'utf8').trim());
});

it('ships nothing under a licence that is not on the list', () => {
  expect(refusedLicences(components(ROOT))).toEqual([]);
});

it('has a bill of materials that CycloneDX’s own schema accepts', async () => {
  const text = sbom(readMetadata(ROOT), components(ROOT));
  expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
  const listed = (JSON.parse(text) as { components: { name: string; version: string }[] }).components;
  expect(listed.map(({ name, version }) => `${name}@${version}`).sort()).toEqual(
    components(ROOT)
      .map(({ name, version }) => `${name}@${version}`)
      .sort(),
  );
});
