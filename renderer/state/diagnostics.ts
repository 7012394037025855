/** Versions, folders and what went wrong, from the engine, the shell and this window, as one text. */
import { type Diagnostics, type Incident, toFailure } from '../../engine/protocol';
import type { EngineClient } from '../engine/engine-client';
import type { Shell } from '../engine/shell';
import type { AppState } from './app-state';
import type { AppStore } from './store';

export interface Report {
  readonly facts: Diagnostics['facts'];
  readonly folders: Diagnostics['folders'];
  /** The newest first. */
  readonly incidents: readonly Incident[];
}

/** An engine that hangs answers nothing, and the rest is told all the same; in milliseconds. */
const PATIENCE = 2_000;

/** Never rejects: what cannot be had is said among the facts. */
export async function readReport(
  client: Pick<EngineClient, 'request'>,
  shell: Pick<Shell, 'name' | 'readDiagnostics'>,
  store: AppStore,
  userAgent: string,
): Promise<Report> {
  const state = store.getState();
  const reading =
    state.engine.state === 'ready'
      ? client.request('diagnostics.read', {}, AbortSignal.timeout(PATIENCE))
      : null;
  const parts = await Promise.allSettled([reading, shell.readDiagnostics?.() ?? null]);
  const read = parts.flatMap((part) => (part.status === 'fulfilled' && part.value ? [part.value] : []));
  const failed = parts.flatMap((part) =>
    part.status === 'rejected' ? [toFailure(part.reason).message] : [],
  );
  const facts = [
    ...read.flatMap((part) => part.facts),
    { name: 'Shell', value: shell.name === 'electron' ? 'desktop' : 'browser' },
    { name: 'Browser', value: userAgent },
    { name: 'Engine', value: engineWords(state) },
    { name: 'Model', value: modelWords(state) },
    ...failed.map((value) => ({ name: 'Not read', value })),
  ];
  const incidents = [...state.incidents, ...read.flatMap((part) => part.incidents)];
  const homes = read.map(({ home }) => home);
  return {
    facts: facts.map(({ name, value }) => ({ name, value: withoutHome(value, homes) })),
    folders: read
      .flatMap(({ folders }) => folders)
      .map(({ name, path }) => ({ name, path: withoutHome(path, homes) })),
    incidents: incidents
      .map(({ at, text }) => ({ at, text: withoutHome(text, homes) }))
      .sort((a, b) => b.at.localeCompare(a.at)),
  };
}

export function reportText({ facts, folders, incidents }: Report): string {
  return [
    ...facts.map(({ name, value }) => `${name}: ${value}`),
    '',
    ...folders.map(({ name, path }) => `${name}: ${path}`),
    '',
    incidents.length === 0 ? 'Nothing went wrong.' : 'What went wrong, the newest first:',
    ...incidents.map(({ at, text }) => `${at} ${text}`),
    '',
  ].join('\n');
}

/** What is copied may end up where anybody reads it: a user's name stands in the path of the home folder. */
function withoutHome(text: string, homes: readonly string[]): string {
  return homes.reduce((rest, home) => (home.length > 1 ? rest.replaceAll(home, '~') : rest), text);
}

function engineWords({ engine, restarting }: AppState): string {
  if (restarting) return 'restarting';
  const silent = engine.silentSince === null ? '' : ', does not answer';
  return `${engine.state}${silent}${engine.detail === '' ? '' : `: ${engine.detail}`}`;
}

function modelWords({ model }: AppState): string {
  if (model.state === 'open') return `${model.info.id}, ${model.info.dtype}, on ${model.info.device.used}`;
  if (model.state === 'failed') return `failed (${model.failure.code})`;
  return model.state;
}
