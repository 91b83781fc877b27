#!/bin/bash
# Every check that needs a CUDA GPU, in one command of under four minutes; prints a table of pass and fail. Needs PyTorch
# and what lenet/ imports, but no Gradio. PYTHON names the interpreter.
cd "$(dirname "$0")/.." && exec timeout 240 "${PYTHON:-python3}" -m benchmarks.gpu_check
