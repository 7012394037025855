"""serve.py FILE.gguf OPTIONS: llama.cpp's own server (xllamacpp) on a free port, which it prints, until standard input ends."""
import json
import sys

import xllamacpp as x

options = {"n_ctx": 1024, "n_parallel": 2, "n_ubatch": 512, "embedding": True, "key": None, "port": 0, **json.loads(sys.argv[2])}
p = x.CommonParams()
p.model.path = sys.argv[1]
p.hostnames = ["127.0.0.1"]
p.port = options["port"]
p.n_ctx = options["n_ctx"]
p.n_parallel = options["n_parallel"]
p.n_batch = p.n_ubatch = options["n_ubatch"]
p.n_gpu_layers = 0
p.cpuparams.n_threads = p.cpuparams_batch.n_threads = 1
p.embedding = options["embedding"]
if options["embedding"]:
    p.pooling_type = x.llama_pooling_type.LLAMA_POOLING_TYPE_NONE
if options["key"]:
    p.api_keys = [options["key"]]
p.cache_type_k = p.cache_type_v = x.ggml_type.GGML_TYPE_F32
p.flash_attn_type = x.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
server = x.Server(p)
print(server.listening_address, flush=True)
sys.stdin.read()
