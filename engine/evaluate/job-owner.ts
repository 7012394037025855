/** Which process works on a job, and whether it still does. */
import { hostname, uptime } from 'node:os';
import { z } from 'zod';
import { isAlive } from '../files/lock';

export const JobOwner = z.strictObject({
  host: z.string().max(1_000),
  pid: z.int().min(1),
  /** When it began; older files do not say. */
  since: z.iso.datetime().max(40).optional(),
});
export type JobOwner = z.infer<typeof JobOwner>;

export function thisProcess(): JobOwner {
  return { host: hostname(), pid: process.pid, since: new Date().toISOString() };
}

/** Numbers of processes come again: none has worked since before it, or its machine, was started. */
export function isWorkedOn(owner: JobOwner | null): boolean {
  if (owner === null) return false;
  const { host, pid, since } = owner;
  if (host !== hostname()) return true;
  const running = pid === process.pid ? process.uptime() : uptime();
  const isOld = since !== undefined && Date.parse(since) < Date.now() - 1000 * running;
  return !isOld && isAlive(pid);
}
