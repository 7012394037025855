/** What electron-builder is told: the staged files as they are, and nothing that it would find by itself. */
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import { ICONS } from './icons';
import type { Signing } from './signing';
import type { Metadata, Stage } from './stage';
import type { Target } from './targets';

export interface BuilderOptions {
  /** The checkout. */
  readonly root: string;
  /** Where packages are written. */
  readonly output: string;
  readonly electronVersion: string;
  /** Folder or zip of an Electron runtime; null to have it downloaded. */
  readonly electronDist: string | null;
  readonly metadata: Metadata;
  readonly signing: Signing;
}

/** Read back by test/e2e/package.test.ts. What is switched off here is a way into the app from outside. */
const FUSES = {
  runAsNode: false,
  enableCookieEncryption: true,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
} as const;

const GGUF = { ext: 'gguf', name: 'GGUF model', description: 'GGUF model', mimeType: 'application/x-gguf' };
const RUN = { ext: 'jsonl', name: 'JSON Lines', description: 'JSON Lines', mimeType: 'application/jsonl' };
const isOffered = { role: 'Viewer', rank: 'Alternate' } as const;

export function builderConfig(
  target: Target,
  { archive, resources }: Stage,
  options: BuilderOptions,
): Configuration {
  const { root, metadata, signing } = options;
  const icons = join(root, ICONS);
  return {
    appId: 'io.github.slot-studio',
    productName: 'SLOT Studio',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: electron-builder's own placeholders
    artifactName: '${name}-${version}-${os}-${arch}.${ext}',
    copyright: `Copyright © ${metadata.author}`,
    directories: { app: archive, output: options.output, buildResources: icons },
    electronVersion: options.electronVersion,
    ...(options.electronDist !== null && { electronDist: options.electronDist }),
    electronLanguages: ['en-US'],
    asar: true,
    files: ['**/*'],
    extraResources: resources.map(({ from, to }) => ({ from, to })),
    // All packages are staged: electron-builder is to look for none.
    beforeBuild: async () => false,
    electronFuses: {
      ...FUSES,
      // Changing fuses breaks the signature that Electron comes with, without which Apple's processors run nothing.
      resetAdHocDarwinSignature: process.platform === 'darwin' && !signing.isSigned,
    },
    publish: null,
    forceCodeSigning: signing.isSigned,
    ...platformConfig(target, icons, options),
  };
}

function platformConfig({ platform }: Target, icons: string, options: BuilderOptions): Configuration {
  switch (platform) {
    case 'linux':
      return { linux: linuxConfig(icons, options.metadata), deb: { packageCategory: 'science' } };
    case 'win32':
      return {
        // An installer that takes an ending takes it for itself alone, and .jsonl belongs to many programs.
        win: { icon: join(icons, 'icon.ico'), fileAssociations: [GGUF] },
        nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
      };
    case 'darwin':
      return { mac: macConfig(icons, options) };
  }
}

function linuxConfig(icons: string, { author }: Metadata): NonNullable<Configuration['linux']> {
  return {
    executableName: 'slot-studio',
    icon: join(icons, 'linux'),
    category: 'Science',
    synopsis: 'See what test-time adaptation does to a language model',
    maintainer: author,
    vendor: author,
    syncDesktopName: true,
    desktop: { entry: { Keywords: 'LLM;ONNX;GGUF;SLOT;' } },
    fileAssociations: [GGUF, RUN],
  };
}

function macConfig(icons: string, { root, signing }: BuilderOptions): NonNullable<Configuration['mac']> {
  const entitlements = join(root, 'packaging', 'entitlements.mac.plist');
  return {
    icon: join(icons, 'icon.icns'),
    category: 'public.app-category.developer-tools',
    darkModeSupport: true,
    // Without a certificate library validation would refuse the app's own libraries.
    hardenedRuntime: signing.isSigned,
    gatekeeperAssess: false,
    entitlements,
    entitlementsInherit: entitlements,
    notarize: signing.isNotarised,
    ...(!signing.isSigned && { identity: null }),
    fileAssociations: [GGUF, RUN].map((association) => ({ ...association, ...isOffered })),
  };
}
