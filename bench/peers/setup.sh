#!/bin/bash
# make the peers' virtual environments: ./setup.sh NAME...   (runicorn trackio goodseed swanlab wandb tbx aim mlflow neptune minfx dvclive dvc)
set -e; H=${BENCH_HOME:-$HOME/.cache/runicorn-bench}; mkdir -p "$H"
declare -A P=([runicorn]=runicorn==0.7.2 [trackio]=trackio==0.43.0 [goodseed]=goodseed==0.4.0 [swanlab]=swanlab==0.10.3 [wandb]=wandb==0.31.0 [tbx]="tensorboard==2.21.0 tensorboardx==2.6.5"
  [aim]=aim==3.29.1 [mlflow]=mlflow==3.17.2 [neptune]=neptune-scale==0.30.0 [minfx]=minfx==0.7.4 [dvclive]=dvclive==3.49.1 [dvc]=dvc==3.67.1)
for n in "$@"; do
  [ -n "${P[$n]}" ] || { echo "unknown: $n"; exit 2; }
  [ -x "$H/venv-$n/bin/python" ] || { python3 -m venv "$H/venv-$n"; "$H/venv-$n/bin/python" -m pip install -q ${P[$n]} psutil; }
  echo "$n ready"
done
