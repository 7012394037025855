/** All jobs on disk, a folder each; what is deleted can be brought back for a day. */
import { lutimesSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { guarded } from '../files/guarded';
import { statOf } from '../files/read';
import { codeOf } from '../files/retries';
import { createFolder, PARTIAL, remove, rename } from '../files/write';
import { badInput, type DamagedJob, JobId, type Problem, toFailure } from '../protocol';
import { JobFolder, type Manifest, noJob } from './job-folder';

const TRASH_MS = 24 * 3600 * 1000;
const WHAT = 'the evaluation';

export class JobStore {
  private readonly folder: string;
  private readonly trash: string;

  /** @param data see `dataFolder` */
  constructor(data: string) {
    this.folder = join(data, 'evaluations');
    this.trash = join(data, 'deleted-evaluations');
  }

  /** Drops what was deleted more than a day ago. Never throws. */
  tidy(): void {
    try {
      for (const name of namesIn(this.trash)) this.dropOld(join(this.trash, name));
    } catch {
      // A folder that cannot be read keeps no run from starting.
    }
  }

  private dropOld(path: string): void {
    const stat = statOf(path);
    try {
      if (stat && Date.now() - stat.mtimeMs > TRASH_MS) remove(path);
    } catch {
      // The next start tries again.
    }
  }

  /** @throws EngineError `job-exists`, `store` */
  create(manifest: Manifest, problems: readonly Problem[], heldOut: readonly Problem[] = []): JobFolder {
    const { jobId } = manifest;
    if (this.isTaken(jobId))
      throw badInput('job-exists', `an evaluation ${jobId} is stored already`, 'Use a new id.');
    guarded(() => createFolder(this.folder), WHAT);
    return JobFolder.create(join(this.folder, jobId), manifest, problems, heldOut);
  }

  /** @throws EngineError `no-job`, `damaged-job` */
  open(jobId: string): JobFolder {
    return JobFolder.open(join(this.folder, jobId), jobId);
  }

  /** Newest first; a damaged one hides no other. */
  list(): { jobs: JobFolder[]; damaged: DamagedJob[] } {
    const jobs: JobFolder[] = [];
    const damaged: DamagedJob[] = [];
    for (const jobId of namesIn(this.folder).filter((name) => JobId.safeParse(name).success)) {
      try {
        jobs.push(this.open(jobId));
      } catch (thrown) {
        damaged.push({ jobId, why: toFailure(thrown).message });
      }
    }
    jobs.sort((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt));
    return { jobs, damaged };
  }

  isTaken(jobId: string): boolean {
    return [this.folder, this.trash].some((folder) => statOf(join(folder, jobId)) !== undefined);
  }

  /** `restore` brings it back for a day. */
  delete(jobId: string): void {
    const now = new Date();
    // Before the move: what is old when it gets there may be dropped by another process.
    if (statOf(join(this.folder, jobId)))
      guarded(() => lutimesSync(join(this.folder, jobId), now, now), WHAT);
    this.move(jobId, this.folder, this.trash);
    this.tidy();
  }

  restore(jobId: string): void {
    this.move(jobId, this.trash, this.folder);
  }

  private move(jobId: string, from: string, to: string): void {
    if (!statOf(join(from, jobId))) throw noJob(jobId);
    guarded(() => {
      createFolder(to);
      rename(join(from, jobId), join(to, jobId));
    }, WHAT);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => !name.endsWith(PARTIAL));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    const why = error instanceof Error ? error.message : String(error);
    throw badInput(
      'unreadable-jobs',
      `the stored evaluations cannot be read: ${why}`,
      'Put the folder right.',
    );
  }
}
