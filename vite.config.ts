/** Builds the window into dist/renderer, with relative paths so that both shells can serve it, and page.html beside it. */
import { createHash } from 'node:crypto';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type Rolldown } from 'vite';
import { BundledList } from './packaging/notices/components';
import { noticesPlugin } from './packaging/notices/plugin';

const LICENCES = 'licences.json';

const outDir = '../dist/renderer';
// What light-dark() in the style sheets needs anyway.
const target = ['chrome123', 'firefox121', 'safari17.5'];

export default defineConfig(({ mode }) => {
  // A NODE_ENV inherited from a test runner would build in the slow development version of React.
  if (mode === 'production') process.env.NODE_ENV = 'production';
  return {
    root: 'renderer',
    base: './',
    plugins: [
      react(),
      // The page holds nothing that the window does not.
      {
        ...noticesPlugin(import.meta.dirname, LICENCES),
        applyToEnvironment: ({ name }) => name === 'client',
      },
      oneFile('page', 'page.html'),
    ],
    build: {
      outDir,
      emptyOutDir: true,
      target,
      // One page, loaded from this machine: one file is simplest.
      chunkSizeWarningLimit: 2500,
      assetsInlineLimit: 0,
      license: { fileName: LICENCES },
    },
    environments: {
      /** What a run is exported in: one file that opens from disk. */
      page: {
        consumer: 'client',
        build: {
          outDir,
          emptyOutDir: false,
          target,
          modulePreload: false,
          assetsInlineLimit: Number.MAX_SAFE_INTEGER,
          cssCodeSplit: false,
          rollupOptions: { input: 'renderer/page.html', output: { codeSplitting: false } },
        },
      },
    },
    builder: {
      // One after the other: the first empties the folder.
      async buildApp(builder) {
        for (const name of ['client', 'page']) await builder.build(builder.environments[name]!);
      },
    },
  };
});

/** Puts all that an environment builds into its HTML file, under a policy that lets nothing else in. */
function oneFile(environment: string, page: string): Plugin {
  return {
    name: 'slot-studio:one-file',
    applyToEnvironment: ({ name }) => name === environment,
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const html = bundle[page];
        if (html?.type !== 'asset') throw new Error(`${page} is not built`);
        const [style = '', ...otherStyles] = textsOf(bundle, '.css');
        const main = Object.values(bundle).filter((file) => file.type === 'chunk' && file.isEntry);
        if (otherStyles.length > 0 || main.length !== 1) throw new Error(`${page} is more than one file`);
        const script = inScript(withInnerWorkers((main[0] as Rolldown.OutputChunk).code, bundle));
        html.source = String(html.source)
          .replace(/\s*<(script|link)\b[^>]*(src|href)="[^"]*"[^>]*>(<\/script>)?/g, '')
          .replace('<meta name="viewport"', () => `${policyFor(script)}\n    <meta name="viewport"`)
          .replace('</head>', () => `<style>${withWoff2Alone(style)}</style>\n  </head>`)
          .replace('</body>', () => `<script type="module">${script}</script>\n  </body>`)
          .replace('</html>', () => `${licencesIn(bundle)}\n</html>`);
        for (const name of Object.keys(bundle)) if (name !== page) delete bundle[name];
      },
    },
  };
}

function textsOf(bundle: Rolldown.OutputBundle, ending: string): string[] {
  return Object.values(bundle).flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith(ending) ? [String(file.source)] : [],
  );
}

/** Of what the script holds, as their licences ask of every copy. */
function licencesIn(bundle: Rolldown.OutputBundle): string {
  const list = bundle[LICENCES];
  if (list?.type !== 'asset') throw new Error(`no ${LICENCES} of what the page is built of`);
  const texts = BundledList.parse(JSON.parse(String(list.source))).map(
    ({ name, version, identifier, text }) => `${name} ${version} (${identifier})\n\n${text ?? ''}`,
  );
  return `<script type="text/plain" id="licences">\n${inScript(texts.join('\n\n'))}\n</script>`;
}

/** Of one script by its hash; workers are made of the script's own text. */
function policyFor(script: string): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    'img-src data: blob:',
    'font-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return `<meta http-equiv="content-security-policy" content="${policy.join('; ')}" />`;
}

/** As it may stand in a script element, with the same meaning: what would end it occurs in texts and patterns alone. */
function inScript(code: string): string {
  return code.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
}

/** A page from disk may load no other file, and no module: a worker's code becomes a text of the script. */
function withInnerWorkers(code: string, bundle: Rolldown.OutputBundle): string {
  const workers = Object.values(bundle).filter(({ fileName }) => /worker.*\.js$/.test(fileName));
  return workers.reduce((before, worker) => {
    const name = worker.fileName.split('/').at(-1)!;
    const asked = `new URL(new URL(\`${name}\`,import.meta.url).href,\`\`+import.meta.url),{type:\`module\`}`;
    const source = worker.type === 'asset' ? String(worker.source) : worker.code;
    if (before.split(asked).length !== 2) throw new Error(`${name} is not started where it was expected`);
    return before.replace(
      asked,
      () => `URL.createObjectURL(new Blob([${JSON.stringify(source)}],{type:"text/javascript"}))`,
    );
  }, code);
}

/** Every browser that can show the page reads woff2. */
function withWoff2Alone(style: string): string {
  return style.replace(
    /,\s*url\("?data:font\/(?:woff|ttf);base64,[^)]*\)\s*format\("?(?:woff|truetype)"?\)/g,
    '',
  );
}
