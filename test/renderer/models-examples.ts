/** A model, a download, a card and a hub, as the engine tells of them. */
import type { ModelCard, ModelEntry, Pull } from '../../engine/protocol';
import { OPEN_MODEL } from '../../fixtures/open-model';

export const HUB = {
  endpoint: 'https://huggingface.co',
  cacheFolder: '/cache',
  isOffline: false,
  hasToken: false,
};
export const MODEL = OPEN_MODEL;
export const PULL: Pull = {
  pullId: 'some-org/tiny@main/q4',
  id: 'some-org/tiny',
  revision: 'main',
  dtype: 'q4',
  state: 'downloading',
  files: [
    { path: 'onnx/model_q4.onnx', bytes: 3_000_000, done: 1_500_000 },
    { path: 'config.json', bytes: 1000, done: 1000 },
  ],
  bytes: 3_001_000,
  done: 1_501_000,
  bytesPerSecond: 500_000,
  secondsLeft: 3,
  problem: null,
};
export const ENTRY: ModelEntry = {
  source: 'folder',
  model: '/models/tiny',
  name: 'tiny',
  folder: '/models/tiny',
  family: 'qwen2',
  dtypes: [{ dtype: 'fp32', bytes: 10 }],
  bytes: 10,
  problem: null,
};
export const CARD: ModelCard = {
  source: 'hub',
  model: 'some-org/tiny',
  name: 'some-org/tiny',
  folder: null,
  family: 'qwen2',
  dtype: 'q4',
  dtypes: [],
  preparation: null,
  layers: 2,
  vocab: 400,
  hidden: 16,
  contextLength: 64,
  hasChatTemplate: true,
  templateRefusal: null,
  inputs: [],
  projection: 'MatMulNBits',
  chain: ['hidden', 'MatMulNBits', 'logits'],
  files: [],
  memory: null,
  step: null,
  fetched: 100,
  refusal: null,
};

export const HUB_MODEL = {
  id: 'some-org/tiny',
  downloads: 1,
  likes: 1,
  updatedAt: '2026-01-01T00:00:00.000Z',
  gated: false,
  isCached: false,
  formats: ['onnx' as const],
};
