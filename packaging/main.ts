/** `npm run package -- --linux --x64`: makes packages of the built app into dist/packages, and the list of what is in them. */
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { makeIcons } from './icons';
import { components } from './notices/components';
import { refusedLicences } from './notices/licences';
import { writeSbom } from './notices/sbom';
import { makePackage } from './package';
import { type Arch, FORMATS, findTarget, nameOf, Platform, type Target } from './targets';

const root = join(import.meta.dirname, '..');

interface Options {
  linux?: true;
  win?: true;
  mac?: true;
  x64?: true;
  arm64?: true;
  dir?: true;
  strict?: true;
  electronDist?: string;
  output: string;
}

/** Those that the options name; of this machine's kind where they name none. */
function targetsOf(options: Options): Target[] {
  const platforms: Platform[] = [
    ...(options.linux ? (['linux'] as const) : []),
    ...(options.win ? (['win32'] as const) : []),
    ...(options.mac ? (['darwin'] as const) : []),
  ];
  const archs: Arch[] = [
    ...(options.x64 ? (['x64'] as const) : []),
    ...(options.arm64 ? (['arm64'] as const) : []),
  ];
  const here = process.arch === 'arm64' ? 'arm64' : 'x64';
  return (platforms.length > 0 ? platforms : [Platform.parse(process.platform)]).flatMap((platform) =>
    (archs.length > 0 ? archs : [here as Arch]).map((arch) => findTarget(platform, arch)),
  );
}

async function main(options: Options): Promise<void> {
  const targets = targetsOf(options);
  const output = resolve(options.output);
  const shipped = components(root);
  const refused = refusedLicences(shipped);
  if (refused.length > 0) throw new Error(refused.join('\n'));
  await makeIcons(root);
  for (const target of targets) {
    const formats = options.dir ? [] : FORMATS[target.platform];
    const electronDist = options.electronDist === undefined ? null : resolve(options.electronDist);
    const made = await makePackage(target, { root, output, formats, electronDist, env: process.env });
    for (const file of [made.folder, ...made.files]) console.log(`${nameOf(target)}: ${file}`);
    if (made.notice !== '') console.log(`${nameOf(target)}: ${made.notice}`);
    for (const { format, reason, isOutOfReach } of made.failed) {
      const why = isOutOfReach ? `the tools that make it cannot be downloaded: ${reason}` : reason;
      console.error(`${nameOf(target)}: no ${format}: ${why}`);
      if (!isOutOfReach || options.strict || made.files.length === 0) process.exitCode = 1;
    }
  }
  console.log(writeSbom(root, output, shipped));
}

const command = new Command('package')
  .description(
    'Makes the packages of the app, of this machine’s system and processor unless others are named.',
  )
  .option('--linux', 'for Linux: AppImage, deb, tar.gz')
  .option('--win', 'for Windows: installer, zip')
  .option('--mac', 'for macOS, on Apple’s processors alone: dmg, zip')
  .option('--x64', 'for x64 processors')
  .option('--arm64', 'for arm64 processors')
  .option('--dir', 'only the folder that the formats are made of')
  .option('--strict', 'fail where the tools for a format cannot be downloaded, instead of leaving it out')
  .option('--electron-dist <path>', 'an Electron runtime, folder or zip, instead of the download')
  .option('--output <folder>', 'where packages go', join(root, 'dist', 'packages'))
  .action(() => main(command.opts<Options>()));

await command.parseAsync().catch((thrown: unknown) => {
  console.error(thrown instanceof Error ? thrown.message : String(thrown));
  process.exitCode = 1;
});
