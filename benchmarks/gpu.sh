#!/bin/sh
# What keras_rgan costs on a GPU: benchmarks/gpu.py has the options and says what is measured.
#
#     benchmarks/gpu.sh --fetch            with a network, once: wheels into benchmarks/wheels
#     benchmarks/gpu.sh --minutes 9        on the machine with the GPU; results in out/gpu
#     benchmarks/gpu.sh --quick --cpu      all of it in small, without a GPU
#
# PYTHON names the interpreter that has torch or JAX (python3), OUT the folder of the results.
set -eu
exec "${PYTHON:-python3}" "$(dirname "$0")/gpu.py" "$@"
