/** The files that docs/service.md hands out: their commands parse, and systemd takes the unit where it is there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseServeArguments } from '../../engine/serve/arguments';

const FOLDER = join(import.meta.dirname, '..', '..', 'docs', 'service');
const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8');
const SERVED = { port: 8765, open: false };

/** Words of a command behind `serve`. */
function servedBy(words: readonly string[]) {
  expect(words).toContain('serve');
  return parseServeArguments(words.slice(words.indexOf('serve') + 1));
}

describe('the unit', () => {
  const unit = read('slot-studio.service');

  it('starts the server with options that it knows, on the port that the page names', () => {
    const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
    expect(servedBy(command.split(' '))).toEqual(SERVED);
  });

  const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
  it.skipIf(!hasSystemd)('is one that systemd has nothing to say of', () => {
    const home = mkdtempSync(join(tmpdir(), 'slot-unit-'));
    const program = join(home, 'bin', 'slot-studio');
    mkdirSync(join(home, 'bin'));
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
    const file = join(home, 'slot-studio.service');
    writeFileSync(file, unit.replace('%h/.local/bin/slot-studio', program));
    // Its words alone count: without a running systemd it ends as it likes.
    const { stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', file], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('slot-studio.service'))).toEqual([]);
  });
});

it('the container starts the same server, as no root', () => {
  const file = read('Containerfile');
  const [, command = ''] = /^CMD (\[.*\])$/m.exec(file) ?? [];
  expect(servedBy(JSON.parse(command) as string[])).toEqual(SERVED);
  expect(file.indexOf('USER node')).toBeGreaterThan(file.indexOf('RUN npm install'));
});

describe('the proxy', () => {
  const config = read('nginx.conf');

  it('is told the host and the origin that the server takes', () => {
    expect(config).toContain('proxy_set_header Host 127.0.0.1:8765;');
    expect(config).toMatch(/https:\/\/studio\.example +http:\/\/127\.0\.0\.1:8765;/);
  });

  const hasNginx = spawnSync('nginx', ['-v']).status === 0;
  it.skipIf(!hasNginx)('is one that nginx takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slot-nginx-'));
    const plain = config
      .replace('listen 443 ssl;', 'listen 127.0.0.1:8443;')
      .replaceAll(/^.*ssl_certificate.*\n/gm, '');
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, `pid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\n${plain}\n}\n`);
    expect(() =>
      execFileSync('nginx', ['-t', '-q', '-e', 'stderr', '-c', file, '-p', folder], { stdio: 'pipe' }),
    ).not.toThrow();
  });
});
