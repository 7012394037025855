/** The device that was asked for is used where it computes what the CPU does; otherwise the CPU is, and says why. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CHECK_TEXT, checkStates } from '../../engine/generate/check-text';
import { largestLogitDifference, MAX_LOGIT_DIFFERENCE, openOnDevice } from '../../engine/generate/device';
import { Model } from '../../engine/model/model';
import { offeredDevices } from '../../engine/onnx/runtime/session';
import { DEVICES, type Device } from '../../engine/protocol';
import { writeDecoder } from '../../fixtures/decoder';
import { answerOf, one, only, temporaryFolder } from '../../fixtures/runs';
import { openModel, runEvents, testEngine } from '../../fixtures/test-engine';

const folder = temporaryFolder();
const engine = testEngine();
const path = writeDecoder(join(folder, 'model'), { tail: [{ op: 'Add' }, { op: 'Mul', by: 2 }] }).folder;
const base = { folder: path, dtype: null, memorySaver: false } as const;

const run = (device: Device) =>
  runEvents(engine, {
    model: { ...base, device },
    prompt: { kind: 'raw', text: 'Count the apples.' },
    lanes: [
      { name: 'baseline', steps: 0 },
      { name: 'slot', steps: 2 },
    ],
    generation: { maxNewTokens: 6, ignoreEos: true },
  });

const cpu = await run('cpu');

describe('the CPU', () => {
  it('is used without a word', async () => {
    expect(only(cpu, 'notice')).toEqual([]);
    const info = await openModel(engine, path);
    expect(info.device).toEqual({ asked: 'cpu', used: 'cpu', largestDifference: null, message: null });
    expect(info.devices).toContain('cpu');
  });
});

// Offered or not, with its hardware or without: the answer is the CPU's, and what runs it is said.
describe.each(DEVICES.filter((device) => device !== 'cpu'))('%s', (device) => {
  it('answers as the CPU does and says where', async () => {
    const events = await run(device);
    for (const lane of ['baseline', 'slot']) expect(answerOf(events, lane)).toEqual(answerOf(cpu, lane));
    const notice = one(events, 'notice');
    expect(notice.code).toBe('device');
    expect(notice.message).toMatch(
      new RegExp(`^the model runs on ${device}: its logits differ|^the model runs on the CPU: .*${device}`),
    );
    if (!offeredDevices().includes(device)) expect(notice.message).toContain(`onnxruntime has no ${device}`);
  });
});

it('is no excuse for a folder that is not there', async () => {
  const nowhere = { ...base, folder: join(folder, 'nowhere'), device: offeredDevices().at(-1)! };
  await expect(openOnDevice(nowhere)).rejects.toMatchObject({ kind: 'input', code: 'no-folder' });
});

describe('the comparison', () => {
  const opened: Model[] = [];
  const open = async (asked: Partial<Parameters<typeof Model.open>[0]>) => {
    const model = await Model.open({ ...base, device: 'cpu', ...asked });
    opened.push(model);
    return model;
  };
  afterAll(async () => {
    for (const model of opened) await model.release();
  });

  it('finds rounding between two ways to run the same weights', async () => {
    const difference = await largestLogitDifference(await open({}), await open({ memorySaver: true }));
    expect(difference).toBeLessThan(1e-3);
  });

  it('finds float16 rounding of the same weights, within the limit', async () => {
    const half = writeDecoder(join(folder, 'half'), {
      tail: [{ op: 'Add' }, { op: 'Mul', by: 2 }],
      dtype: 'float16',
    });
    const difference = await largestLogitDifference(await open({}), await open({ folder: half.folder }));
    expect(difference).toBeGreaterThan(1e-5);
    expect(difference).toBeLessThan(MAX_LOGIT_DIFFERENCE);
  });

  it('leaves out tokens that the head has no row for', async () => {
    const { folder: path, options } = writeDecoder(join(folder, 'mismatch'), { layers: 1 });
    const file = join(path, 'tokenizer.json');
    const json = JSON.parse(readFileSync(file, 'utf8'));
    // The first letter of what is compared on, and of what is read to compare arithmetics.
    Object.assign(json.model.vocab, { T: options.vocab, O: options.vocab });
    writeFileSync(file, JSON.stringify(json));
    const model = await open({ folder: path });
    expect(model.tokenizer.encode('TO', false)).toEqual([options.vocab, options.vocab]);
    expect(await largestLogitDifference(model, model)).toBe(0);
    const states = await checkStates(model);
    const known = model.tokenizer.encode(CHECK_TEXT, true).filter((id) => id < options.vocab);
    expect(states.length / options.d).toBe(Math.min(128, known.length + 1));
    const short = await open({ folder: writeDecoder(join(folder, 'short'), { contextLength: 16 }).folder });
    expect((await checkStates(short)).length / short.head.hiddenSize).toBe(16);
  });

  it('finds that other weights are another model', async () => {
    const other = writeDecoder(join(folder, 'other'), {
      seed: 2,
      tail: [{ op: 'Add' }, { op: 'Mul', by: 2 }],
    });
    const difference = await largestLogitDifference(await open({}), await open({ folder: other.folder }));
    expect(difference).toBeGreaterThan(MAX_LOGIT_DIFFERENCE);
  });
});
