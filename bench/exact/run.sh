#!/bin/sh
# The exact fit beside an f64 QR (faer), linfa and scikit-learn, on one core, in turn: run.sh [N] [P] [ROUNDS]
set -eu
cd "$(dirname "$0")"
n=${1:-1000000} p=${2:-20} rounds=${3:-3}
cargo build --quiet --release
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
for round in $(seq "$rounds"); do
    for method in "exact $n $p" "exact $n $p decimals" "faer $n $p" "linfa $n $p"; do
        # shellcheck disable=SC2086
        echo "round $round: $(taskset -c 0 target/release/bench-exact $method) ${method##*"$p"}"
    done
    if python3 -c 'import sklearn' 2>/dev/null; then
        echo "round $round: $(taskset -c 0 python3 sklearn_fit.py "$n" "$p")"
    fi
done
