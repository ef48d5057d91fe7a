#!/usr/bin/env python3
"""Runs the examples against the emulated clouds.

usage: examples.py --bin PATH [--only NAME] [--jobs N] [--speed N] [-v]

Every folder of examples/ is copied, gets emulated clouds of its own, and is initialised,
checked and applied; a second plan must show no changes; destroying must leave nothing.
An example with a lifecycle.json is led through its steps in between. What a step may say
is told in examples/README.md. Prints what was done; exits 1 if anything was not as expected.
"""
import argparse, concurrent.futures, contextlib, json, os, re, shutil, subprocess, sys, tempfile, time
import urllib.error, urllib.request

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Where a cloud's API is and how it knows its user, by the environment that the sandbox tells.
CLOUDS = {
    "cyberpanel": ("$CYBERPANEL_ENDPOINT", {"Authorization": "Bearer $CYBERPANEL_API_KEY"}),
    "serverspace": ("$SERVERSPACE_HOST/api/v1", {"X-API-KEY": "$SERVERSPACE_KEY"}),
    "vpsorg": ("$VPSORG_ENDPOINT", {"Authorization": "Bearer $VPSORG_API_TOKEN"}),
    "xelon": ("$XELON_BASE_URL", {"Authorization": "Bearer $XELON_TOKEN", "X-User-Id": "$XELON_CLIENT_ID"}),
    "xessone": ("$XESSONE_ENDPOINT", {"Authorization": "Bearer $XESSONE_API_KEY"}),
}
# What identifies an object of an emulated cloud: the first that it has.
IDENTITY = ("id", "uuid", "identifier", "localIdentifier", "name", "domain")
# Actions of the plan's JSON by the words of a lifecycle.
WORDS = {
    ("create",): "add",
    ("update",): "change",
    ("delete", "create"): "replace",
    ("create", "delete"): "replace",
    ("delete",): "destroy",
    ("forget",): "forget",
}
EXPECTATIONS = {"add", "change", "replace", "destroy", "forget", "import", "drift"}
# The file that has the `import` blocks while they are needed.
IMPORTS = "lifecycle_import.tf"
STEP = {"what", "set", "send", "import", "refresh", "run", "says", "expect"}


class Wrong(Exception):
    """Something is not as expected."""


class Sandbox:
    """The emulated clouds as a server, and the environment that points at them."""

    def __init__(self, binary, folder, speed):
        args = [binary, "sandbox", "serve", "--listen", "127.0.0.1:0", "--db", os.path.join(folder, "clouds.db"),
                "--speed", str(speed), "--rate-limits", "off"]
        self.process = subprocess.Popen(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.environment, self.url, said = {}, None, ""
        for line in self.process.stdout:
            said += line
            export = re.fullmatch(r"export (\w+)=(.*)\n", line)
            serving = re.match(r"Serving the emulated clouds at (\S+)\. ", line)
            if export:
                self.environment[export.group(1)] = export.group(2)
            if serving:
                self.url = serving.group(1)
                break
        if not self.url:
            raise Wrong("the sandbox did not start:\n" + said)
        with urllib.request.urlopen(self.url + "/", timeout=30) as page:
            if "<title>Loam sandbox</title>" not in page.read().decode():
                raise Wrong("the sandbox does not show its page")
        for cloud in CLOUDS:
            # Nothing is limited there, so nothing has to be paced here.
            self.environment[cloud.upper() + "_REQUESTS_PER_MINUTE"] = "100000"
            self.environment[cloud.upper() + "_REQUESTS_PER_HOUR"] = "1000000"

    def ask(self, method, path, body=None):
        """One request to the sandbox itself."""
        return self.request(method, self.url + "/_sandbox/" + path, {}, body)

    def call(self, cloud, method, path, body=None):
        """One request to a cloud's API, as its user."""
        if cloud not in CLOUDS:
            raise Wrong("there is no cloud %r; there are %s" % (cloud, ", ".join(CLOUDS)))
        known = lambda text: re.sub(r"\$(\w+)", lambda m: self.environment[m.group(1)], text)
        endpoint, headers = CLOUDS[cloud]
        headers = {name: known(value) for name, value in headers.items()}
        return self.request(method, known(endpoint).rstrip("/") + path, headers, body)

    def request(self, method, url, headers, body):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **headers}
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            raise Wrong("%s %s was answered %d: %s" % (method, url, error.code, error.read().decode()[:500]))
        return json.loads(text) if text.startswith(("{", "[")) else None

    def objects(self):
        """What exists, as cloud/kind/identity."""
        found = set()
        for cloud, kinds in self.ask("GET", "objects").items():
            for kind, items in kinds.items():
                for item in items:
                    name = next((str(item[key]) for key in IDENTITY if item.get(key) is not None), None)
                    found.add("%s/%s/%s" % (cloud, kind, name or json.dumps(item, sort_keys=True)))
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()


class Example:
    """One example with its copy, its clouds and its steps."""

    def __init__(self, binary, name, speed, verbose):
        self.binary, self.name, self.speed, self.verbose = binary, name, speed, verbose
        self.variables, self.lines = {}, []

    def say(self, text):
        self.lines.append(text)
        if self.verbose:
            print("%s: %s" % (self.name, text), flush=True)

    def loam(self, *args, ends=(0,)):
        """Runs a command; what it printed. It has to end with one of the codes."""
        done = subprocess.run([self.binary, *args], cwd=self.work, env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=900)
        if done.returncode not in ends:
            raise Wrong("loam %s ended with %d:\n%s%s" % (" ".join(args), done.returncode, done.stdout, done.stderr))
        return done.stdout + done.stderr

    def play(self):
        """The whole life; raises Wrong at the first thing that is not as expected."""
        source = os.path.join(TOP, "examples", self.name)
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as after:
            self.work = os.path.join(folder, "work")
            shutil.copytree(source, self.work, ignore=shutil.ignore_patterns("state", ".loam"))
            steps, leaves = self.lifecycle()
            self.sandbox = sandbox = Sandbox(self.binary, folder, self.speed)
            after.callback(sandbox.stop)
            self.env = {"PATH": os.environ.get("PATH", ""), "HOME": folder, "NO_COLOR": "1", **sandbox.environment}
            before = sandbox.objects()

            self.loam("init", "-input=false")
            if self.name in CLOUDS:
                self.imports_every_type(steps)
            self.loam("fmt", "-check", "-recursive")
            self.loam("validate")
            for number, step in enumerate(steps, 1):
                begun = time.monotonic()
                what = step.get("what", "it is applied")
                try:
                    self.step(step)
                except Wrong as wrong:
                    raise Wrong("step %d, %s: %s" % (number, what, wrong)) from None
                self.say("%s (%.0f s)" % (what, time.monotonic() - begun))
            self.unchanged("-refresh=full")
            self.loam("destroy", "-auto-approve", "-input=false")
            if self.loam("state", "list").strip():
                raise Wrong("after destroying, the state has " + self.loam("state", "list"))
            left = sandbox.objects()
            made = sorted(o for o in left - before if not o.startswith(tuple(kind + "/" for kind in leaves)))
            if made or before - left:
                raise Wrong("after destroying, these are left: %s; these are lost: %s" % (made, sorted(before - left)))
            requests = sandbox.ask("GET", "requests?limit=0")["total"]
            self.say("it is destroyed, nothing is left; %d requests in all" % requests)

    def lifecycle(self):
        """The steps, and the kinds of objects that cannot be deleted."""
        path = os.path.join(self.work, "lifecycle.json")
        if not os.path.exists(path):
            return [{}], []
        with open(path) as file:
            description = json.load(file)
        os.remove(path)
        steps = description["steps"]
        for step in steps:
            unknown = set(step) - STEP | set(step.get("expect", {})) - EXPECTATIONS
            if unknown:
                raise Wrong("lifecycle.json: a step has no %s" % ", ".join(sorted(unknown)))
        return steps, description.get("leaves", [])

    def imports_every_type(self, steps):
        """The example that is named like a cloud imports an object of each of its resource types."""
        schemas = json.loads(self.loam("providers", "schema", "-json"))["provider_schemas"].values()
        known = {kind for schema in schemas for kind in schema.get("resource_schemas", {})}
        known = {kind for kind in known if kind.startswith(self.name + "_")}
        imported = {address.split(".")[0] for step in steps for address in step.get("import", {})}
        if not known or known - imported:
            raise Wrong("no object is imported of %s" % (", ".join(sorted(known - imported)) or "any type"))

    def step(self, step):
        if "set" in step:
            self.variables.update(step["set"])
            with open(os.path.join(self.work, "lifecycle.auto.tfvars.json"), "w") as file:
                json.dump(self.variables, file)
        sends = step.get("send", [])
        for send in sends if isinstance(sends, list) else [sends]:
            self.send(send)
        if "run" in step:
            said = self.loam(*(self.filled(word) for word in step["run"]))
            if step.get("says", "") not in said:
                raise Wrong("%r was not printed:\n%s" % (step["says"], said))
        if "import" in step:
            self.forget_and_import(step["import"])
        if step.get("refresh"):
            self.loam("apply", "-refresh-only", "-auto-approve", "-input=false")
        self.loam("plan", "-input=false", "-out=step.plan")
        self.compare(step.get("expect"), json.loads(self.loam("show", "-json", "step.plan")))
        self.loam("apply", "-input=false", "step.plan")
        with contextlib.suppress(FileNotFoundError):
            os.remove(os.path.join(self.work, IMPORTS))
        self.unchanged()

    def send(self, send):
        """A request past Loam: to the cloud's API, or to what arranges the emulated cloud."""
        path, body = self.filled(send.get("path", "")), self.filled(send.get("body"))
        if "arrange" in send:
            self.sandbox.ask("POST", "clouds/%s/%s" % (send["cloud"], self.filled(send["arrange"])), body or {})
        else:
            self.sandbox.call(send["cloud"], send["method"], path, body)

    def forget_and_import(self, wanted):
        """Takes instances out of the state and writes `import` blocks that bring them back."""
        state = self.state()
        ids = {address: self.filled(form, state.get(address)) for address, form in wanted.items()}
        self.loam("state", "rm", *ids)
        with open(os.path.join(self.work, IMPORTS), "w") as file:
            for address, text in ids.items():
                file.write("import {\n  to = %s\n  id = %s\n}\n" % (address, json.dumps(text)))

    def unchanged(self, *more):
        """A plan that has to show no changes."""
        said = self.loam("plan", "-input=false", "-detailed-exitcode", *more, ends=(0, 2))
        if "No changes" not in said:
            raise Wrong("a second plan shows changes:\n" + said)

    def compare(self, expected, plan):
        """Whether a plan changes what was expected, by number or by address."""
        if expected is None:
            return
        found = {word: [] for word in EXPECTATIONS}
        for change in plan.get("resource_changes", []):
            word = WORDS.get(tuple(change["change"]["actions"]))
            if word:
                found[word].append(change["address"])
            if change["change"].get("importing"):
                found["import"].append(change["address"])
        # What the cloud itself changes every day, such as the days that a domain has left, is
        # drift, too, but nothing that a plan puts right.
        changed = {address for addresses in found.values() for address in addresses}
        drift = [change["address"] for change in plan.get("resource_drift", [])]
        found["drift"] = [address for address in drift if address in changed]
        for word in sorted(EXPECTATIONS):
            if word == "drift" and word not in expected:
                continue
            wanted, got = expected.get(word, 0), sorted(found[word])
            if (len(got) if isinstance(wanted, int) else got) != (wanted if isinstance(wanted, int) else sorted(wanted)):
                raise Wrong("the plan has %s: %s; expected: %s" % (word, got, wanted))

    def state(self):
        """Attributes by address."""
        found = {}

        def walk(module):
            for resource in module.get("resources", []):
                found[resource["address"]] = resource["values"]
            for child in module.get("child_modules", []):
                walk(child)

        walk((json.loads(self.loam("show", "-json")).get("values") or {}).get("root_module") or {})
        return found

    def filled(self, value, own=None):
        """Replaces <ADDRESS.attribute>, or <attribute> of the instance itself, by what the state has."""
        if isinstance(value, dict):
            return {name: self.filled(v, own) for name, v in value.items()}
        if isinstance(value, list):
            return [self.filled(v, own) for v in value]
        if not isinstance(value, str) or "<" not in value:
            return value
        state = self.state() if own is None else None

        def look_up(match):
            address, _, attribute = match.group(1).rpartition(".")
            values = own if own is not None else state.get(address)
            if not values or values.get(attribute) is None:
                raise Wrong("the state has no %s" % match.group(1))
            return str(values[attribute])

        filled = re.sub(r"<([^<>]+)>", look_up, value)
        # A number alone stays a number.
        return int(filled) if re.fullmatch(r"<[^<>]+>", value) and filled.isdigit() and own is None else filled


def run(binary, name, speed, verbose):
    example, begun = Example(binary, name, speed, verbose), time.monotonic()
    try:
        example.play()
        wrong = None
    except Wrong as error:
        wrong = str(error)
    return name, example.lines, wrong, time.monotonic() - begun


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", required=True)
    p.add_argument("--only", action="append", help="this example only (repeatable)")
    p.add_argument("--jobs", type=int, default=4, help="examples at a time; they mostly wait")
    p.add_argument("--speed", type=float, default=600, help="how many times as fast time passes in the clouds")
    p.add_argument("-v", "--verbose", action="store_true", help="print each step as it ends")
    a = p.parse_args()
    folder = os.path.join(TOP, "examples")
    names = a.only or sorted(n for n in os.listdir(folder) if os.path.isdir(os.path.join(folder, n)))
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(a.jobs) as pool:
        runs = [pool.submit(run, os.path.abspath(a.bin), n, a.speed, a.verbose) for n in names]
        for done in concurrent.futures.as_completed(runs):
            name, lines, wrong, seconds = done.result()
            print("-- %s (%.0f s)" % (name, seconds))
            if not a.verbose:
                print("".join("   %s\n" % line for line in lines), end="")
            if wrong:
                failed += 1
                print("   FAILED: " + wrong)
            sys.stdout.flush()
    print("%d examples passed, %d failed" % (len(names) - failed, failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
