/** Lines that earlier versions wrote, in today's terms. What is new or malformed passes as it is. */
import { SCHEMA_VERSION } from '../protocol';

/** Names that format 1 had for what format 2 calls otherwise. */
const RENAMED = { answerStart: 'forcedPrefix', given: 'forced' } as const;

/** One event of format 1 or 2; only the first event of a run names its format. */
export function inThisFormat(event: unknown): unknown {
  if (!isRecord(event)) return event;
  if (event.type === 'token') return renamed(event, 'given');
  if (event.type !== 'run.started' || event.v !== 1) return event;
  const { config } = event;
  if (!isRecord(config) || !Array.isArray(config.lanes)) return event;
  const lanes = config.lanes.map((lane: unknown) => (isRecord(lane) ? renamed(lane, 'answerStart') : lane));
  return { ...event, v: SCHEMA_VERSION, config: { ...config, lanes } };
}

function renamed(record: Record<string, unknown>, name: keyof typeof RENAMED): Record<string, unknown> {
  const { [name]: value, ...others } = record;
  return value === undefined ? record : { ...others, [RENAMED[name]]: value };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
