// A stack of everything that cdktf writes without a provider of its own.
// usage: node app.js OUTDIR
const path = require("path");
const {
  App, DataResource, Fn, LocalBackend, TerraformCount, TerraformHclModule, TerraformIterator,
  TerraformLocal, TerraformOutput, TerraformStack, TerraformVariable, Token,
} = require("cdktf");

const app = new App({ outdir: process.argv[2] });
const stack = new TerraformStack(app, "web");
const names = new TerraformVariable(stack, "names", {
  type: "list(string)", default: ["red", "green"], description: "One each.",
  validation: [{ condition: "${length(var.names) > 0}", errorMessage: "At least one name." }],
});
const secret = new TerraformVariable(stack, "secret", {
  type: "string", default: "hush", sensitive: true,
});
const prefix = new TerraformLocal(stack, "prefix", Fn.upper("web"));
const base = new DataResource(stack, "base", {
  input: { name: prefix.expression, size: 2, tags: ["a", "b"] },
  lifecycle: { createBeforeDestroy: true, ignoreChanges: ["triggers_replace"] },
});
const each = TerraformIterator.fromList(names.listValue);
const node = new DataResource(stack, "node", {
  forEach: each,
  input: `\${"${prefix.fqn}" != "" ? each.value : ""}`,
  dependsOn: [base],
});
new DataResource(stack, "counted", {
  count: TerraformCount.of(3), input: Token.asString(TerraformCount.of(3).index),
});
new DataResource(stack, "replaced", {
  input: secret.stringValue,
  lifecycle: {
    replaceTriggeredBy: [base],
    precondition: [{ condition: "${length(var.names) < 9}", errorMessage: "Too many names." }],
  },
});
const inner = new TerraformHclModule(stack, "inner", {
  source: path.resolve(__dirname, "inner"), variables: { greeting: "hello" },
});
new TerraformOutput(stack, "name", { value: Fn.lookup(base.output, "name", "none") });
new TerraformOutput(stack, "nodes", { value: Fn.keys(Token.asStringMap(node.fqn)) });
new TerraformOutput(stack, "greeting", { value: inner.get("said") });
new TerraformOutput(stack, "secret_again", { value: secret.value, sensitive: true });
app.synth();
