#!/usr/bin/env python3
"""Holds planning and applying to linear growth.

usage: growth.py --bin PATH [--sizes 2000,4000]

Applies and plans configurations of doubling size and prints the time of each. Fails only
if doubling the size more than triples the time of the larger pair: an order of growth,
never an absolute time.
"""
import argparse, os, subprocess, sys, tempfile, time


def tree(n):
    blocks = ['resource "terraform_data" "r0" {\n  input = 0\n}\n']
    for i in range(1, n):
        blocks.append('resource "terraform_data" "r%d" {\n  input = terraform_data.r%d.output\n}\n' % (i, (i - 1) // 2))
    return "".join(blocks)


def count(n):
    return 'resource "terraform_data" "r" {\n  count = %d\n  input = count.index\n}\n' % n


def linked(n):
    return (
        'locals {\n  keys = toset([for i in range(%d) : "k${i}"])\n}\n'
        'resource "terraform_data" "a" {\n  for_each = local.keys\n  input = each.key\n}\n'
        'resource "terraform_data" "b" {\n  for_each = terraform_data.a\n  input = each.value.output\n}\n' % n
    )


SHAPES = {"tree": tree, "count": count, "linked for_each": linked}


def measure(binary, text):
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "main.tf"), "w") as f:
            f.write(text)
        times = []
        for args in (["apply", "-auto-approve", "-input=false"], ["plan", "-input=false"]):
            begun = time.monotonic()
            r = subprocess.run([binary, *args], cwd=work, capture_output=True, text=True)
            if r.returncode:
                sys.exit("%s failed: %s" % (args[0], (r.stderr or r.stdout)[-800:]))
            times.append(time.monotonic() - begun)
        return times


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bin", required=True)
    p.add_argument("--sizes", default="1000,2000")
    a = p.parse_args()
    sizes = [int(s) for s in a.sizes.split(",")]
    binary, bad = os.path.abspath(a.bin), 0
    for name, make in SHAPES.items():
        # range() gives at most 1024 numbers.
        fitted = [min(s, 1000) // (1 if s != sizes[0] else 2) for s in sizes] if name == "linked for_each" else sizes
        rows = [measure(binary, make(n)) for n in fitted]
        for n, (apply, plan) in zip(fitted, rows):
            print("%-16s %6d  apply %6.2fs  plan %6.2fs" % (name, n, apply, plan))
        for small, large, what in zip(rows[-2], rows[-1], ("apply", "plan")):
            # Short times are noise.
            if large > 0.5 and large / small > 3 * fitted[-1] / fitted[-2] / 2:
                print("%s of %s grows faster than its size: %.2fs to %.2fs" % (what, name, small, large))
                bad += 1
    sys.exit(1 if bad else 0)


main()
