/** What the package of every target holds, file by file, hashes in names left out, and how large our part of it may be. */

export const MB = 1e6;

const FONTS = [
  ...[
    'AMS-Regular',
    'Caligraphic-Bold',
    'Caligraphic-Regular',
    'Fraktur-Bold',
    'Fraktur-Regular',
    'Main-Bold',
  ],
  ...['Main-BoldItalic', 'Main-Italic', 'Main-Regular', 'Math-BoldItalic', 'Math-Italic', 'SansSerif-Bold'],
  ...[
    'SansSerif-Italic',
    'SansSerif-Regular',
    'Script-Regular',
    'Size1-Regular',
    'Size2-Regular',
    'Size3-Regular',
  ],
  ...['Size4-Regular', 'Typewriter-Regular'],
].map((name) => `dist/renderer/assets/KaTeX_${name}.woff2`);

export const ARCHIVE = [
  'dist/electron/engine-files.json',
  'dist/electron/main.js',
  'dist/electron/preload.cjs',
  ...FONTS,
  'dist/renderer/assets/answer-markdown.css',
  'dist/renderer/assets/answer-markdown.js',
  'dist/renderer/assets/icon.svg',
  'dist/renderer/assets/index.css',
  'dist/renderer/assets/index.js',
  'dist/renderer/assets/match-worker.js',
  'dist/renderer/index.html',
  'dist/renderer/notices.txt',
  'dist/renderer/page.html',
  'package.json',
].sort();

const COMMON = [
  ...['backend-impl', 'backend', 'env-impl', 'env', 'index', 'inference-session-impl', 'inference-session'],
  ...['onnx-model', 'onnx-value', 'tensor-conversion-impl', 'tensor-conversion', 'tensor-factory-impl'],
  ...[
    'tensor-factory',
    'tensor-impl-type-mapping',
    'tensor-impl',
    'tensor-utils-impl',
    'tensor-utils',
    'tensor',
  ],
  ...['trace', 'type-helper', 'version'],
].map((name) => `node_modules/onnxruntime-common/dist/cjs/${name}.js`);

export const ENGINE = [
  'assets/starter/heldout.jsonl',
  'assets/starter/model/config.json',
  'assets/starter/model/generation_config.json',
  'assets/starter/model/onnx/model.onnx',
  'assets/starter/model/tokenizer.json',
  'assets/starter/model/tokenizer_config.json',
  'dist/electron/engine-convert.js',
  'dist/electron/engine-plain.js',
  'dist/electron/engine.js',
  'dist/electron/grade-thread.js',
  'dist/electron/prepare-thread.js',
  'node_modules/onnxruntime-common/dist/cjs/package.json',
  ...COMMON,
  'node_modules/onnxruntime-common/package.json',
  'node_modules/onnxruntime-node/dist/backend.js',
  'node_modules/onnxruntime-node/dist/binding.js',
  'node_modules/onnxruntime-node/dist/index.js',
  'node_modules/onnxruntime-node/dist/version.js',
  'node_modules/onnxruntime-node/package.json',
  'package.json',
];

/** Our part of each package, with the archive: native code is nearly all of it. */
export const EXPECTED: Readonly<Record<string, { binaries: readonly string[]; below: number }>> = {
  'linux-x64': { binaries: ['libonnxruntime.so.1', 'onnxruntime_binding.node'], below: 75 * MB },
  'linux-arm64': { binaries: ['libonnxruntime.so.1', 'onnxruntime_binding.node'], below: 55 * MB },
  'win32-x64': {
    binaries: ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'],
    below: 100 * MB,
  },
  'win32-arm64': {
    binaries: ['DirectML.dll', 'dxcompiler.dll', 'dxil.dll', 'onnxruntime.dll', 'onnxruntime_binding.node'],
    below: 105 * MB,
  },
  'darwin-arm64': { binaries: ['libonnxruntime.1.dylib', 'onnxruntime_binding.node'], below: 75 * MB },
};
