/** The command line that starts the same evaluation; what the `eval` command reads. */
import {
  DatasetColumns,
  EvaluationConfig,
  type EvaluationLane,
  NamedSources,
  writeLearning,
} from '../protocol';

/** Every setting that is not a default, as an option; `engine/cli/eval-options.ts` reads them back. */
export function commandOf(config: EvaluationConfig): string {
  const { dataset, form, model, selection, template, generation } = config;
  const defaults = EvaluationConfig.parse({ dataset, form, lanes: config.lanes, graders: config.graders });
  const words: string[] = [];
  const option = (name: string, value: unknown, byDefault?: unknown) => {
    if (value === null || value === undefined || value === byDefault || value === false) return;
    words.push(`--${name}`, ...(value === true ? [] : [quoted(String(value))]));
  };
  option('server', model.server);
  option('baseline-server', model.baselineServer);
  option(model.server === undefined ? 'model' : 'head', model.folder);
  option('dtype', model.dtype);
  option('device', model.device, defaults.model.device);
  option('memory-saver', model.memorySaver);
  option('arithmetic', model.arithmetic, defaults.model.arithmetic);
  if (dataset.kind === 'named') {
    option('data', dataset.name);
    option('split', dataset.split);
  } else {
    option('data', dataset.path);
    option('format', dataset.format);
    option('columns', columnsOf(dataset.columns));
    option('gold-after', dataset.goldAfter);
    option('skip-broken', dataset.skipBroken);
  }
  option('limit', selection.limit);
  option('offset', selection.offset, 0);
  option('shuffle', selection.shuffle);
  option('half', selection.half);
  option('salt', selection.salt, '');
  if (form.kind === 'preset') option('form', form.name);
  else {
    option('system', form.system);
    option('user', form.user);
    for (const stop of form.stops) option('stop', stop);
    option('raw-form', form.raw);
  }
  for (const [name, value] of Object.entries(template.variables))
    option('template-var', `${name}=${JSON.stringify(value)}`);
  option('template-date', template.date);
  const sources = new NamedSources();
  option('lanes', config.lanes.map((lane) => laneNotation(lane, sources)).join(','));
  for (const source of sources.options) option('delta', source);
  const mean = config.lanes.flatMap(({ origin }) => (origin.kind === 'mean' ? [origin.problems] : []))[0];
  option('mean-of', mean);
  option('graders', config.graders.map(({ name }) => name).join(','));
  option('pattern', config.graders.find(({ pattern }) => pattern !== undefined)?.pattern);
  option('max-new-tokens', generation.maxNewTokens);
  option('temperature', generation.temperature, 0);
  option('top-p', generation.topP, 1);
  option('seed', generation.seed, 0);
  option('ignore-eos', generation.ignoreEos);
  option('samples', config.samples, 1);
  option('pass-at', config.passAt.join(','), '');
  option('rows', config.rows, defaults.rows);
  option('refuse-rejected', !config.acceptRejected);
  const command = config.sweep ? 'sweep' : 'eval';
  if (config.sweep) option('no-halves', !config.sweep.split);
  return ['slot-studio', command, ...words].join(' ');
}

/** As `--lanes` has it; see `engine/cli/lanes.ts`. */
function laneNotation(lane: EvaluationLane, sources: NamedSources): string {
  const { name, steps, lr, origin } = lane;
  const kind = steps === 0 ? 'baseline' : origin.kind === 'own' ? 'slot' : origin.kind;
  const isLearned = steps > 0 && origin.kind !== 'given';
  const settings = isLearned ? `:${steps}x${lr}${writeLearning(lane)}` : '';
  const parameter = steps === 0 ? '' : parameterOf(origin, sources);
  const written = `${kind}${settings}${parameter}`;
  // A name that the notation cannot hold is left out: the settings are the same.
  return name === written || /[:=,@]/.test(name) ? written : `${name}=${written}`;
}

/** What a kind takes behind its settings. */
function parameterOf(origin: EvaluationLane['origin'], sources: NamedSources): string {
  if (origin.kind === 'random') return `@${origin.seed}`;
  if (origin.kind === 'scaled') return `@${origin.factor}`;
  return origin.kind === 'given' ? `@${sources.notationOf(origin)}` : '';
}

function columnsOf(columns: DatasetColumns): string | undefined {
  const defaults = DatasetColumns.parse({});
  const pairs = Object.entries(columns)
    .filter(([field, column]) => column !== defaults[field as keyof DatasetColumns])
    .map(([field, column]) => `${field}=${Array.isArray(column) ? column.join('+') : column}`);
  return pairs.length === 0 ? undefined : pairs.join(',');
}

/** As a POSIX shell reads it back. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
