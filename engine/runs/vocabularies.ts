/** Token texts, kept once for all runs of a vocabulary: `<sha256>.json`, named by a reference in each run's folder. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { withLock } from '../files/lock';
import { readJson } from '../files/read';
import { createFolder, remove, writeWhole } from '../files/write';

const REFERENCE = 'vocabulary.json';
const MAX_BYTES = 2 ** 28;
const MAX_REFERENCE = 1024;
const SUFFIX = '.json';

const Reference = z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) });
const Tokens = z.array(z.string());

export class Vocabularies {
  constructor(private readonly folder: string) {}

  keep(runFolder: string, tokens: readonly string[]): void {
    const json = JSON.stringify(tokens);
    const sha256 = createHash('sha256').update(json).digest('hex');
    createFolder(this.folder);
    this.alone(() => {
      if (!existsSync(this.path(sha256))) writeWhole(this.path(sha256), json);
      writeWhole(join(runFolder, REFERENCE), JSON.stringify({ sha256 }));
    });
  }

  /** Names a run's vocabulary; undefined for a run that came without. */
  referenceOf(runFolder: string): string | undefined {
    return readJson(join(runFolder, REFERENCE), MAX_REFERENCE, Reference)?.sha256;
  }

  /** Undefined where it is gone or damaged. */
  read(sha256: string): string[] | undefined {
    return readJson(this.path(sha256), MAX_BYTES, Tokens);
  }

  /** Deletes what no run names. @param runFolders of all runs, also of deleted ones that can come back */
  collect(runFolders: () => readonly string[]): void {
    if (!existsSync(this.folder)) return;
    // Under the lock: a run that ends meanwhile names its vocabulary only afterwards.
    this.alone(() => {
      const used = new Set<string>();
      for (const folder of runFolders()) {
        const reference = this.referenceOf(folder);
        if (reference !== undefined) used.add(reference);
        // A reference that cannot be read may name any vocabulary: none is deleted then.
        else if (existsSync(join(folder, REFERENCE))) return;
      }
      for (const name of readdirSync(this.folder)) {
        if (name.endsWith(SUFFIX) && !used.has(basename(name, SUFFIX))) remove(join(this.folder, name));
      }
    });
  }

  private alone(work: () => void): void {
    withLock(join(this.folder, 'lock'), work);
  }

  private path(sha256: string): string {
    return join(this.folder, `${sha256}${SUFFIX}`);
  }
}
