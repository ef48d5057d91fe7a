#!/usr/bin/env python3
"""Holds Loam's JSON to programs that read Terraform's, as they come from the package registries.

usage: run.py --bin PATH [--keep DIR] [--only checkov|compliance|cdktf]

Installs checkov and terraform-compliance (PyPI) and cdktf (npm) into a temporary folder (or
into --keep, where a later run finds them again) and runs them:

  checkov     scans plans of objects/ and of every example that has a cloud. It has to find
              every planned object, with the attributes that the rule in checkov/ asks for.
  compliance  runs the rules in compliance/ on the plan of objects/, which keeps them all, and
              on one that breaks a rule, which it has to notice.
  cdktf       synthesises cdktf/app.js; what it writes is initialised, planned, applied,
              planned again without changes, and destroyed.

What cannot be installed here (no npm, no virtual environments) is skipped with a message, but
not where CI is set. Exits 1 if a reader stumbles.
"""
import argparse, json, os, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(HERE)), "examples")
CHECKOV = "checkov==3.3.30"
COMPLIANCE = "terraform-compliance==1.16.0"
CDKTF = ["cdktf@0.21.0", "constructs@10.8.1"]


class Wrong(Exception):
    """A reader stumbled, or what it read is not what was planned."""


class Missing(Exception):
    """Something that a reader needs is not there."""


def run(args, cwd, ok=(0,), env=None):
    """Runs a program; its output, if it exits with one of the codes in `ok`."""
    env = {**os.environ, **(env or {})}
    r = subprocess.run(args, cwd=cwd, env=env, capture_output=True, text=True, timeout=600)
    if r.returncode not in ok:
        said = (r.stdout + r.stderr)[-3000:]
        raise Wrong("%s exited with %d:\n%s" % (" ".join(map(str, args)), r.returncode, said))
    return r.stdout


def python_tool(folder, package, program):
    """The path of a program from PyPI, in a virtual environment of its own."""
    home = os.path.join(folder, program)
    path = os.path.join(home, "bin", program)
    if not os.path.exists(path):
        made = subprocess.run([sys.executable, "-m", "venv", home], capture_output=True, text=True)
        if made.returncode:
            raise Missing("Python cannot make virtual environments here (on Debian: install python3-venv)")
        run([os.path.join(home, "bin", "pip"), "install", "--quiet", "--disable-pip-version-check", package], folder)
    return path


class Project:
    """A copy of a configuration, and the engine in it."""

    def __init__(self, binary, source, folder):
        self.binary, self.folder = binary, folder
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("state", ".loam"))

    def loam(self, *args, ok=(0,)):
        return run([self.binary, *args], self.folder, ok, {"LOAM_SANDBOX": "1", "LOAM_SANDBOX_SPEED": "600"})

    def plan(self, *args):
        """Makes a plan and its JSON; returns the JSON's path and what it says."""
        self.loam("init", "-input=false")
        self.loam("plan", "-input=false", "-out=plan.out", *args)
        text = self.loam("show", "-json", "plan.out")
        path = os.path.join(self.folder, "plan.json")
        with open(path, "w") as f:
            f.write(text)
        return path, json.loads(text)


def planned(plan):
    """The addresses of the objects that there will be, from `planned_values`."""
    found = []

    def walk(module):
        found.extend(r["address"] for r in module.get("resources", []) if r["mode"] == "managed")
        for child in module.get("child_modules", []):
            walk(child)

    walk(plan["planned_values"]["root_module"])
    return sorted(found)


def clouds():
    """The examples that plan objects of a cloud."""
    for name in sorted(os.listdir(EXAMPLES)):
        folder = os.path.join(EXAMPLES, name)
        if os.path.isdir(folder) and name not in ("no-cloud", "lookup"):
            yield name, folder


def checkov(binary, tools, work):
    program = python_tool(tools, CHECKOV, "checkov")
    sources = [("objects", os.path.join(HERE, "objects"))] + list(clouds())
    for name, source in sources:
        path, plan = Project(binary, source, os.path.join(work, name)).plan()
        args = [program, "-f", path, "--framework", "terraform_plan", "-o", "json", "--quiet", "--compact",
                "--skip-download", "--external-checks-dir", os.path.join(HERE, "checkov")]
        report = json.loads(run(args, work, ok=(0, 1)))
        summary = report.get("summary", report)
        if summary.get("parsing_errors"):
            raise Wrong("checkov cannot parse the plan of %s" % name)
        # It counts what it has rules for; of the clouds' types it has none.
        if name == "objects" and summary.get("resource_count") != len(planned(plan)):
            raise Wrong("checkov found %s objects in the plan of %s, which has %d"
                        % (summary.get("resource_count"), name, len(planned(plan))))
        if name == "objects" and (summary["failed"], summary["passed"]) != (0, len(planned(plan))):
            raise Wrong("checkov: the rule on inputs did not pass for every object: %s" % json.dumps(summary))
        print("   checkov: %s is read, %d objects" % (name, len(planned(plan))))


def compliance(binary, tools, work):
    program = python_tool(tools, COMPLIANCE, "terraform-compliance")
    features = os.path.join(HERE, "compliance")
    project = Project(binary, os.path.join(HERE, "objects"), os.path.join(work, "rules"))
    path, _ = project.plan()
    run([program, "--features", features, "--planfile", path, "--no-ansi"], work)
    print("   terraform-compliance: the rules are kept")
    with open(os.path.join(project.folder, "worse_override.tf"), "w") as f:
        f.write('resource "terraform_data" "named" {\n  input = "name 9"\n}\n')
    path, _ = project.plan()
    run([program, "--features", features, "--planfile", path, "--no-ansi"], work, ok=(1,))
    print("   terraform-compliance: a broken rule is noticed")


def cdktf(binary, tools, work):
    if not shutil.which("npm"):
        raise Missing("there is no npm")
    app = os.path.join(tools, "cdktf")
    shutil.copytree(os.path.join(HERE, "cdktf"), app, dirs_exist_ok=True)
    if not os.path.exists(os.path.join(app, "node_modules", "cdktf")):
        run(["npm", "install", "--silent", "--no-audit", "--no-fund", *CDKTF], app)
    out = os.path.join(work, "cdktf.out")
    run(["node", "app.js", out], app)
    project = Project(binary, os.path.join(out, "stacks", "web"), os.path.join(work, "cdktf"))
    _, plan = project.plan()
    actions = {r["address"]: r["change"]["actions"] for r in plan["resource_changes"]}
    if len(actions) != 8 or any(a != ["create"] for a in actions.values()):
        raise Wrong("cdktf: eight objects were to be created, the plan says %s" % json.dumps(actions))
    project.loam("apply", "-input=false", "plan.out")
    outputs = {n: o["value"] for n, o in json.loads(project.loam("output", "-json")).items()}
    expected = {"name": "WEB", "nodes": ["green", "red"], "greeting": "hello", "secret_again": "hush"}
    if outputs != expected:
        raise Wrong("cdktf: the outputs are %s" % json.dumps(outputs))
    project.loam("plan", "-input=false", "-detailed-exitcode")
    project.loam("destroy", "-input=false", "-auto-approve")
    if project.loam("state", "list").strip():
        raise Wrong("cdktf: something is left after destroying")
    print("   cdktf: planned, applied, unchanged, destroyed")


READERS = {"checkov": checkov, "compliance": compliance, "cdktf": cdktf}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--bin", required=True)
    p.add_argument("--keep", help="install into this folder and leave it there")
    p.add_argument("--only", choices=sorted(READERS))
    a = p.parse_args()
    binary = os.path.abspath(a.bin)
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        tools = os.path.abspath(a.keep) if a.keep else os.path.join(folder, "tools")
        os.makedirs(tools, exist_ok=True)
        for name, reader in READERS.items():
            if a.only and name != a.only:
                continue
            try:
                work = os.path.join(folder, name + "-work")
                os.makedirs(work)
                reader(binary, tools, work)
            except Missing as problem:
                print("   %s: %s: %s" % (name, "FAILED" if os.environ.get("CI") else "skipped", problem))
                failed += bool(os.environ.get("CI"))
            except Wrong as problem:
                print("   %s: FAILED: %s" % (name, problem))
                failed += 1
    sys.exit(1 if failed else 0)


main()
